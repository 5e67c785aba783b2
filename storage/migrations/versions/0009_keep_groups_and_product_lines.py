"""Keep groups, their terms and product lines"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('product_line',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('brand_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name_key', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('ended_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['brand_id'], ['brand.id'], name=op.f('fk_product_line_brand_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_product_line'))
    )
    with op.batch_alter_table('product_line', schema=None) as batch_op:
        batch_op.create_index('ix_product_line_brand', ['brand_id'], unique=False)
        batch_op.create_index('uq_product_line_live', ['brand_id', 'name_key'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.create_table('line_expert',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('line_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('since', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('until', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['line_id'], ['product_line.id'], name=op.f('fk_line_expert_line_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_line_expert_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_line_expert'))
    )
    with op.batch_alter_table('line_expert', schema=None) as batch_op:
        batch_op.create_index('ix_line_expert_person', ['person_id'], unique=False)
        batch_op.create_index('uq_line_expert_live', ['line_id', 'person_id'], unique=True, sqlite_where=sa.text('until IS NULL'), postgresql_where=sa.text('until IS NULL'))

    op.create_table('group_seat',
    sa.Column('grant_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('deputy', sa.Boolean(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['grant_id'], ['role_grant.id'], name=op.f('fk_group_seat_grant_id')),
    sa.PrimaryKeyConstraint('grant_id', name=op.f('pk_group_seat'))
    )
    with op.batch_alter_table('group_seat', schema=None) as batch_op:
        batch_op.create_index('ix_group_seat_ends', ['ends_on'], unique=False, sqlite_where=sa.text('ends_on IS NOT NULL'), postgresql_where=sa.text('ends_on IS NOT NULL'))

    op.create_table('group_application',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('group_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('holder_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('wish', sa.Enum('join', 'leave', name='wish', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('words', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('asked_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('asked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('decision', sa.Enum('approved', 'declined', 'withdrawn', name='decision', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('decided_by', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('answer', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('decided_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['asked_by'], ['person.id'], name=op.f('fk_group_application_asked_by')),
    sa.ForeignKeyConstraint(['decided_by'], ['person.id'], name=op.f('fk_group_application_decided_by')),
    sa.ForeignKeyConstraint(['group_id'], ['working_group.id'], name=op.f('fk_group_application_group_id')),
    sa.ForeignKeyConstraint(['holder_id'], ['rights_holder.id'], name=op.f('fk_group_application_holder_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_group_application'))
    )
    with op.batch_alter_table('group_application', schema=None) as batch_op:
        batch_op.create_index('ix_group_application_holder', ['holder_id'], unique=False)
        batch_op.create_index('uq_group_application_open', ['group_id', 'holder_id'], unique=True, sqlite_where=sa.text('decided_at IS NULL'), postgresql_where=sa.text('decided_at IS NULL'))

    op.create_table('user_group',
    sa.Column('group_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('usergroup_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('handle', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('put', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('problem', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('asked_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('asked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['group_id'], ['working_group.id'], name=op.f('fk_user_group_group_id')),
    sa.PrimaryKeyConstraint('group_id', name=op.f('pk_user_group'))
    )
