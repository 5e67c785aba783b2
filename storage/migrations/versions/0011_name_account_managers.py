"""Name account managers"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('account_manager',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('holder_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('manager_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('deputy_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('since', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('until', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('named_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['deputy_id'], ['person.id'], name=op.f('fk_account_manager_deputy_id')),
    sa.ForeignKeyConstraint(['holder_id'], ['rights_holder.id'], name=op.f('fk_account_manager_holder_id')),
    sa.ForeignKeyConstraint(['manager_id'], ['person.id'], name=op.f('fk_account_manager_manager_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account_manager'))
    )
    with op.batch_alter_table('account_manager', schema=None) as batch_op:
        batch_op.create_index('ix_account_manager_deputy', ['deputy_id'], unique=False, sqlite_where=sa.text('until IS NULL'), postgresql_where=sa.text('until IS NULL'))
        batch_op.create_index('ix_account_manager_holder', ['holder_id', 'since'], unique=False)
        batch_op.create_index('ix_account_manager_manager', ['manager_id'], unique=False, sqlite_where=sa.text('until IS NULL'), postgresql_where=sa.text('until IS NULL'))
        batch_op.create_index('uq_account_manager_live', ['holder_id'], unique=True, sqlite_where=sa.text('until IS NULL'), postgresql_where=sa.text('until IS NULL'))

    op.create_table('absence',
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('until', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_absence_person_id')),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_absence'))
    )
    op.create_table('home_choice',
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('page', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('scope_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('filter', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('list_page', sa.Integer(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_home_choice_person_id')),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_home_choice'))
    )
    op.create_table('right_reminder',
    sa.Column('right_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('days', sa.Integer(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['right_id'], ['right.id'], name=op.f('fk_right_reminder_right_id')),
    sa.PrimaryKeyConstraint('right_id', 'days', name=op.f('pk_right_reminder'))
    )
