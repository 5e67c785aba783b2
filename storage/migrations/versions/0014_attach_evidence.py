"""Attach evidence to counter-notices"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('evidence_content',
    sa.Column('sha256', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('sha256', name=op.f('pk_evidence_content'))
    )
    op.create_table('counter_notice_evidence',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('counter_notice_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('file_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('sha256', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('title', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('media_type', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('answer_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.ForeignKeyConstraint(['answer_id'], ['counter_notice_answer.id'], name=op.f('fk_counter_notice_evidence_answer_id')),
    sa.ForeignKeyConstraint(['counter_notice_id'], ['counter_notice.id'], name=op.f('fk_counter_notice_evidence_counter_notice_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_counter_notice_evidence_person_id')),
    sa.ForeignKeyConstraint(['sha256'], ['evidence_content.sha256'], name=op.f('fk_counter_notice_evidence_sha256')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_counter_notice_evidence')),
    sa.UniqueConstraint('counter_notice_id', 'round', 'file_id', name='uq_counter_notice_evidence')
    )
    with op.batch_alter_table('counter_notice_evidence', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_counter_notice_evidence_answer_id'), ['answer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_counter_notice_evidence_sha256'), ['sha256'], unique=False)
