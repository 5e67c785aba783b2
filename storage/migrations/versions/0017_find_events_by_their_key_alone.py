"""Find events by their key alone"""

from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Nothing reads a notice's events in their order: each is told once, found by its own id.
    op.drop_index('ix_notice_event_notice', 'notice_event')
