"""Share findings"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('finding',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sa.Enum('alert', 'best_practice', name='kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('author_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('holder_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('is_anonymous', sa.Boolean(), nullable=False),
    sa.Column('title', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('sellers', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('signs', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('industry', sa.Enum('accessories', 'automotive', 'clothing', 'electronics', 'food_drink', 'home', 'industrial', 'jewellery', 'personal_care', 'pharmaceuticals', 'smart_devices', 'toys', name='industry', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('link', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('picture', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('shared_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['person.id'], name=op.f('fk_finding_author_id')),
    sa.ForeignKeyConstraint(['holder_id'], ['rights_holder.id'], name=op.f('fk_finding_holder_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_finding'))
    )
    with op.batch_alter_table('finding', schema=None) as batch_op:
        batch_op.create_index('ix_finding_author', ['author_id', 'shared_at'], unique=False)

    op.create_table('finding_sharing',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('finding_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('group_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('state', sa.Enum('asked', 'posted', 'declined', 'withdrawn', name='state', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('posted_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('decided_by', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('decided_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['decided_by'], ['person.id'], name=op.f('fk_finding_sharing_decided_by')),
    sa.ForeignKeyConstraint(['finding_id'], ['finding.id'], name=op.f('fk_finding_sharing_finding_id')),
    sa.ForeignKeyConstraint(['group_id'], ['working_group.id'], name=op.f('fk_finding_sharing_group_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_finding_sharing')),
    sa.UniqueConstraint('finding_id', 'group_id', name='uq_finding_sharing_group')
    )
    with op.batch_alter_table('finding_sharing', schema=None) as batch_op:
        batch_op.create_index('ix_finding_sharing_group', ['group_id', 'state', 'posted_at'], unique=False)

    op.create_table('finding_reaction',
    sa.Column('sharing_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('user_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reaction', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('finding_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['finding_id'], ['finding.id'], name=op.f('fk_finding_reaction_finding_id')),
    sa.ForeignKeyConstraint(['sharing_id'], ['finding_sharing.id'], name=op.f('fk_finding_reaction_sharing_id')),
    sa.PrimaryKeyConstraint('sharing_id', 'user_id', 'reaction', name=op.f('pk_finding_reaction'))
    )
    with op.batch_alter_table('finding_reaction', schema=None) as batch_op:
        batch_op.create_index('ix_finding_reaction_finding', ['finding_id', 'user_id'], unique=False)
