"""Make nights short"""

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # By day first: the nightly recount reads the tallies of a window's days, and new ones come at the end.
    with op.batch_alter_table('standing_tally', schema=None) as batch_op:
        batch_op.drop_constraint('pk_standing_tally', type_='primary')
        batch_op.create_primary_key('pk_standing_tally', ['day', 'holder_id', 'reason_code'])
        # By code before the day: a window's sums for each code need no sorting.
        batch_op.drop_index('ix_standing_tally_window')
        batch_op.create_index('ix_standing_tally_window', ['holder_id', 'reason_code', 'day', 'decided', 'removed', 'upheld'], unique=False)

    with op.batch_alter_table('notice_item', schema=None) as batch_op:
        batch_op.create_index('ix_notice_item_uncounted', ['id', 'state', 'counted'], unique=False, sqlite_where=sa.text("counted IS NULL AND state <> 'open'"), postgresql_where=sa.text("counted IS NULL AND state <> 'open'"))
