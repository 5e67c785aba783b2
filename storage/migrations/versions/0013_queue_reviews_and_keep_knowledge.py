"""Queue reviews and keep product knowledge"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

from storage.migrations.insert_only import protect

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('product_knowledge',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('line_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('text', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('points', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('pictures', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('role', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['line_id'], ['product_line.id'], name=op.f('fk_product_knowledge_line_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_product_knowledge_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_product_knowledge')),
    sa.UniqueConstraint('line_id', 'version', name='uq_product_knowledge_version')
    )
    op.create_table('request_line',
    sa.Column('request_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('line_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['line_id'], ['product_line.id'], name=op.f('fk_request_line_line_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_request_line_person_id')),
    sa.ForeignKeyConstraint(['request_id'], ['authenticity_request.id'], name=op.f('fk_request_line_request_id')),
    sa.PrimaryKeyConstraint('request_id', name=op.f('pk_request_line'))
    )
    with op.batch_alter_table('request_line', schema=None) as batch_op:
        batch_op.create_index('ix_request_line_line', ['line_id'], unique=False)

    op.create_table('review_claim',
    sa.Column('request_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('until', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_review_claim_person_id')),
    sa.ForeignKeyConstraint(['request_id'], ['authenticity_request.id'], name=op.f('fk_review_claim_request_id')),
    sa.PrimaryKeyConstraint('request_id', name=op.f('pk_review_claim'))
    )
    with op.batch_alter_table('review_claim', schema=None) as batch_op:
        batch_op.create_index('ix_review_claim_person', ['person_id'], unique=False)

    op.create_table('review_skip',
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('request_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_review_skip_person_id')),
    sa.ForeignKeyConstraint(['request_id'], ['authenticity_request.id'], name=op.f('fk_review_skip_request_id')),
    sa.PrimaryKeyConstraint('person_id', 'request_id', name=op.f('pk_review_skip'))
    )
    protect("product_knowledge")
