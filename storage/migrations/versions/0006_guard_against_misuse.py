"""Guard against misuse"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

from storage.migrations.insert_only import protect

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('remembered_answer',
    sa.Column('request_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('verdict_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['request_id'], ['authenticity_request.id'], name=op.f('fk_remembered_answer_request_id')),
    sa.ForeignKeyConstraint(['verdict_id'], ['verdict.id'], name=op.f('fk_remembered_answer_verdict_id')),
    sa.PrimaryKeyConstraint('request_id', name=op.f('pk_remembered_answer'))
    )
    with op.batch_alter_table('remembered_answer', schema=None) as batch_op:
        batch_op.create_index('ix_remembered_answer_verdict', ['verdict_id', 'at'], unique=False)

    op.create_table('censure',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sa.Enum('warning', 'suspension', name='kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('state', sa.Enum('proposed', 'in_force', 'declined', 'lifted', name='state', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('holder_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('approval_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('figures', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('proposed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('decided_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('lifted_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('answer', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('answered_by', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('answered_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['answered_by'], ['person.id'], name=op.f('fk_censure_answered_by')),
    sa.ForeignKeyConstraint(['approval_id'], ['approval.id'], name=op.f('fk_censure_approval_id')),
    sa.ForeignKeyConstraint(['holder_id'], ['rights_holder.id'], name=op.f('fk_censure_holder_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_censure_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_censure'))
    )
    with op.batch_alter_table('censure', schema=None) as batch_op:
        batch_op.create_index('ix_censure_holder', ['holder_id', 'proposed_at'], unique=False)
        batch_op.create_index('ix_censure_person', ['person_id', 'proposed_at'], unique=False)
        batch_op.create_index('uq_censure_approval', ['approval_id'], unique=True, sqlite_where=sa.text('approval_id IS NOT NULL'), postgresql_where=sa.text('approval_id IS NOT NULL'))
        batch_op.create_index('uq_censure_suspension', ['person_id'], unique=True, sqlite_where=sa.text("kind = 'suspension' AND state = 'in_force'"), postgresql_where=sa.text("kind = 'suspension' AND state = 'in_force'"))

    protect("remembered_answer")
