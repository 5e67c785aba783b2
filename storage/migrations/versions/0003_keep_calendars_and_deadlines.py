"""Keep calendars and deadlines"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('deadline',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('subject_kind', sa.Enum('authenticity_request', 'notice', name='subject_kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('subject_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('step', sa.Enum('reminder', 'lead', 'account_manager', 'expired', 'two_thirds', 'nine_tenths', 'breached', name='step', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('holder_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('due_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('reason', sa.Enum('no_brand', 'not_answered', 'not_confirmed', 'not_received', 'not_reviewed', 'in_review', 'clarification', name='reason', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('message_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('settled_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['holder_id'], ['rights_holder.id'], name=op.f('fk_deadline_holder_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deadline')),
    sa.UniqueConstraint('subject_kind', 'subject_id', 'round', 'step', name='uq_deadline_step')
    )
    with op.batch_alter_table('deadline', schema=None) as batch_op:
        batch_op.create_index('ix_deadline_day', ['step', 'at', 'holder_id'], unique=False)
        batch_op.create_index('ix_deadline_message', ['message_id'], unique=False)
        batch_op.create_index('ix_deadline_unsettled', ['due_at'], unique=False, sqlite_where=sa.text('settled_at IS NULL'), postgresql_where=sa.text('settled_at IS NULL'))

    op.create_table('deadline_watch',
    sa.Column('subject_kind', sa.Enum('authenticity_request', 'notice', name='subject_kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('subject_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('client_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('started_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('due_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('next_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['platform_client.id'], name=op.f('fk_deadline_watch_client_id')),
    sa.PrimaryKeyConstraint('subject_kind', 'subject_id', name=op.f('pk_deadline_watch'))
    )
    with op.batch_alter_table('deadline_watch', schema=None) as batch_op:
        batch_op.create_index('ix_deadline_watch_next', ['next_at'], unique=False)
