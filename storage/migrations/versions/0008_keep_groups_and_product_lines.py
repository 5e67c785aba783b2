"""Keep groups, their terms and product lines"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0008'
down_revision = '0007'
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
