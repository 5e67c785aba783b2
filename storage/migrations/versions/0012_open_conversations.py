"""Open conversations"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('security_contact',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('named_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('since', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('until', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_security_contact_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_security_contact'))
    )
    with op.batch_alter_table('security_contact', schema=None) as batch_op:
        batch_op.create_index('uq_security_contact_live', ['person_id'], unique=True, sqlite_where=sa.text('until IS NULL'), postgresql_where=sa.text('until IS NULL'))

    op.create_table('conversation',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('holder_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('brand_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('about', sa.Enum('home', 'request', 'notice', 'counter_notice', 'censure', 'standing', 'seller', name='about', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('subject_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('concern', sa.Enum('wrong_decision', 'slow_answer', 'seller_network', 'security', 'rights', 'standing', 'other', name='concern', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('title', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('text', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('asker_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('role', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('asked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('state', sa.Enum('waiting', 'declined', 'opening', 'open', 'closed', name='state', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('association_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('decided_by', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('decided_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('form', sa.Enum('channel', 'group', 'thread', 'team', 'direct', name='form', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('channel_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('opened_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('next_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('reminded', sa.Integer(), nullable=False),
    sa.Column('answered_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('outcome', sa.Enum('solved', 'explained', 'handed_on', 'taken_back', 'gone', name='outcome', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('outcome_text', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('closed_by', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('closed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['asker_id'], ['person.id'], name=op.f('fk_conversation_asker_id')),
    sa.ForeignKeyConstraint(['association_id'], ['rights_holder.id'], name=op.f('fk_conversation_association_id')),
    sa.ForeignKeyConstraint(['brand_id'], ['brand.id'], name=op.f('fk_conversation_brand_id')),
    sa.ForeignKeyConstraint(['closed_by'], ['person.id'], name=op.f('fk_conversation_closed_by')),
    sa.ForeignKeyConstraint(['decided_by'], ['person.id'], name=op.f('fk_conversation_decided_by')),
    sa.ForeignKeyConstraint(['holder_id'], ['rights_holder.id'], name=op.f('fk_conversation_holder_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_conversation'))
    )
    with op.batch_alter_table('conversation', schema=None) as batch_op:
        batch_op.create_index('ix_conversation_holder', ['holder_id', 'state', 'asked_at'], unique=False)
        batch_op.create_index('ix_conversation_next', ['next_at'], unique=False, sqlite_where=sa.text('next_at IS NOT NULL'), postgresql_where=sa.text('next_at IS NOT NULL'))
        batch_op.create_index('ix_conversation_waiting', ['association_id'], unique=False, sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))
        batch_op.create_index('uq_conversation_live', ['holder_id', 'about', 'subject_id'], unique=True, sqlite_where=sa.text("state IN ('waiting', 'opening', 'open')"), postgresql_where=sa.text("state IN ('waiting', 'opening', 'open')"))

    op.create_table('conversation_member',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('conversation_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('part', sa.Enum('asker', 'expert', 'lead', 'advisor', 'manager', 'deputy', 'security', 'staff', 'joined', name='part', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('since', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('until', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], name=op.f('fk_conversation_member_conversation_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_conversation_member_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_conversation_member'))
    )
    with op.batch_alter_table('conversation_member', schema=None) as batch_op:
        batch_op.create_index('ix_conversation_member_person', ['person_id'], unique=False, sqlite_where=sa.text('until IS NULL'), postgresql_where=sa.text('until IS NULL'))
        batch_op.create_index('uq_conversation_member_live', ['conversation_id', 'person_id'], unique=True, sqlite_where=sa.text('until IS NULL'), postgresql_where=sa.text('until IS NULL'))
