"""Attach evidence to counter-notices, pictures to knowledge; export cases, report weeks"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

revision = '0015'
down_revision = '0014'
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
    op.create_table('knowledge_picture',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('line_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('file_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('sha256', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('title', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('media_type', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=True),
    sa.Column('copy_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('ready_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['line_id'], ['product_line.id'], name=op.f('fk_knowledge_picture_line_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_knowledge_picture_person_id')),
    sa.ForeignKeyConstraint(['sha256'], ['evidence_content.sha256'], name=op.f('fk_knowledge_picture_sha256')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_knowledge_picture')),
    sa.UniqueConstraint('line_id', 'file_id', name='uq_knowledge_picture_file')
    )
    with op.batch_alter_table('knowledge_picture', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_knowledge_picture_copy_id'), ['copy_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_knowledge_picture_sha256'), ['sha256'], unique=False)
        batch_op.create_index('ix_knowledge_picture_waiting', ['at'], unique=False, sqlite_where=sa.text('version IS NULL'), postgresql_where=sa.text('version IS NULL'))

    op.create_table('export',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('holder_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('subjects', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('format', sa.Enum('csv', 'xlsx', name='format', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('last', sa.Date(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('made_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['holder_id'], ['rights_holder.id'], name=op.f('fk_export_holder_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_export_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_export'))
    )
    with op.batch_alter_table('export', schema=None) as batch_op:
        batch_op.create_index('ix_export_person', ['person_id', 'made_at'], unique=False)

    op.create_table('aggregate_export',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('purpose', sa.Enum('brand', 'group', 'association', 'platform', 'conversation', name='purpose', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('scope_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('spans', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('format', sa.Enum('csv', 'xlsx', name='format', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('made_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_aggregate_export_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_aggregate_export'))
    )
    with op.batch_alter_table('aggregate_export', schema=None) as batch_op:
        batch_op.create_index('uq_aggregate_export_waiting', ['person_id', 'purpose', 'scope_id'], unique=True, sqlite_where=sa.text('made_at IS NULL'), postgresql_where=sa.text('made_at IS NULL'))

    op.create_table('report_subscription',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('brand_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('next_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('since', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('until', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['brand_id'], ['brand.id'], name=op.f('fk_report_subscription_brand_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_report_subscription_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report_subscription'))
    )
    with op.batch_alter_table('report_subscription', schema=None) as batch_op:
        batch_op.create_index('ix_report_subscription_next', ['next_at'], unique=False, sqlite_where=sa.text('until IS NULL'), postgresql_where=sa.text('until IS NULL'))
        batch_op.create_index('uq_report_subscription_live', ['person_id', 'brand_id'], unique=True, sqlite_where=sa.text('until IS NULL'), postgresql_where=sa.text('until IS NULL'))

    op.create_table('brand_report',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('brand_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('week', sa.Date(), nullable=False),
    sa.Column('weekly', sa.Boolean(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('made_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['brand_id'], ['brand.id'], name=op.f('fk_brand_report_brand_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_brand_report_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_brand_report'))
    )
    with op.batch_alter_table('brand_report', schema=None) as batch_op:
        batch_op.create_index('uq_brand_report_waiting', ['person_id', 'brand_id'], unique=True, sqlite_where=sa.text('made_at IS NULL AND NOT weekly'), postgresql_where=sa.text('made_at IS NULL AND NOT weekly'))
        batch_op.create_index('uq_brand_report_week', ['person_id', 'brand_id', 'week'], unique=True, sqlite_where=sa.text('weekly'), postgresql_where=sa.text('weekly'))
