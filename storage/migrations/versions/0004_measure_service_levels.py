"""Measure service levels"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

# The two lanes that are published: a pilot for designs, and one for partners, where sellers bear the proof.
LANES = (
    {'id': 'designs', 'name': 'Designs pilot', 'target_hours': 12, 'target_percent': 95, 'right_kind': 'design', 'reduced_proof': False},
    {'id': 'partner', 'name': 'Partner lane', 'target_hours': 8, 'target_percent': 98, 'right_kind': None, 'reduced_proof': True},
)


def upgrade() -> None:
    lanes = op.create_table('fast_lane',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('target_hours', sa.Integer(), nullable=False),
    sa.Column('target_percent', sa.Integer(), nullable=False),
    sa.Column('right_kind', sa.Enum('trademark', 'copyright', 'design', 'patent', 'geographical_indication', name='right_kind', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('reduced_proof', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_fast_lane'))
    )
    op.bulk_insert(lanes, [dict(lane) for lane in LANES])
    op.create_table('service_close',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('closed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('checked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('agreed', sa.Boolean(), nullable=True),
    sa.PrimaryKeyConstraint('day', name=op.f('pk_service_close'))
    )
    op.create_table('service_day',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('brand_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('right_kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('lane', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('due', sa.Integer(), nullable=False),
    sa.Column('in_time', sa.Integer(), nullable=False),
    sa.Column('rejected', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('day', 'brand_id', 'right_kind', 'lane', name=op.f('pk_service_day'))
    )
    with op.batch_alter_table('service_day', schema=None) as batch_op:
        batch_op.create_index('ix_service_day_brand', ['brand_id', 'day'], unique=False)

    op.create_table('lane_member',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('lane_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('holder_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('since', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('until', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('granted_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['holder_id'], ['rights_holder.id'], name=op.f('fk_lane_member_holder_id')),
    sa.ForeignKeyConstraint(['lane_id'], ['fast_lane.id'], name=op.f('fk_lane_member_lane_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lane_member'))
    )
    with op.batch_alter_table('lane_member', schema=None) as batch_op:
        batch_op.create_index('ix_lane_member_holder', ['holder_id'], unique=False)
        batch_op.create_index('uq_lane_member_live', ['lane_id', 'holder_id'], unique=True, sqlite_where=sa.text('until IS NULL'), postgresql_where=sa.text('until IS NULL'))
