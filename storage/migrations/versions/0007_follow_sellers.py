"""Follow sellers"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('category_ban',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('marketplace', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('goods', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('goods_key', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('since', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('ended_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_category_ban'))
    )
    with op.batch_alter_table('category_ban', schema=None) as batch_op:
        batch_op.create_index('uq_category_ban_live', ['marketplace', 'goods_key'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.create_table('strike_policy',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('marketplace', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('name', sa.Enum('three_strikes', 'points', name='name', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('terms', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('since', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('ended_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_strike_policy')),
    sa.UniqueConstraint('marketplace', 'version', name='uq_strike_policy_version')
    )
    with op.batch_alter_table('strike_policy', schema=None) as batch_op:
        batch_op.create_index('uq_strike_policy_active', ['marketplace'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.create_table('removed_trace',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('value', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('likeness', sa.Enum('item', 'picture', 'title', name='likeness', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('removal_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('holder_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('removed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['holder_id'], ['rights_holder.id'], name=op.f('fk_removed_trace_holder_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_removed_trace')),
    sa.UniqueConstraint('value', 'removal_id', name='uq_removed_trace_value')
    )
    with op.batch_alter_table('removed_trace', schema=None) as batch_op:
        batch_op.create_index('ix_removed_trace_removal', ['removal_id'], unique=False)

    op.create_table('seller_trait',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('seller_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sa.Enum('picture', 'contact', 'address', 'shipment', name='kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('value_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('shown', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('seen_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('linked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['seller_id'], ['seller.id'], name=op.f('fk_seller_trait_seller_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_seller_trait')),
    sa.UniqueConstraint('value_hash', 'seller_id', name='uq_seller_trait_value')
    )
    with op.batch_alter_table('seller_trait', schema=None) as batch_op:
        batch_op.create_index('ix_seller_trait_new', ['seen_at'], unique=False, sqlite_where=sa.text('linked_at IS NULL'), postgresql_where=sa.text('linked_at IS NULL'))
        batch_op.create_index('ix_seller_trait_seller', ['seller_id'], unique=False)

    op.create_table('relisting',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('subject_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('listing_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('seller_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('likeness', sa.Enum('item', 'picture', 'title', name='likeness', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('removal_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('holder_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('removed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('found_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['holder_id'], ['rights_holder.id'], name=op.f('fk_relisting_holder_id')),
    sa.ForeignKeyConstraint(['listing_id'], ['listing.id'], name=op.f('fk_relisting_listing_id')),
    sa.ForeignKeyConstraint(['seller_id'], ['seller.id'], name=op.f('fk_relisting_seller_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_relisting')),
    sa.UniqueConstraint('subject_id', 'listing_id', 'holder_id', name='uq_relisting_subject')
    )
    with op.batch_alter_table('relisting', schema=None) as batch_op:
        batch_op.create_index('ix_relisting_day', ['found_at', 'holder_id'], unique=False)
        batch_op.create_index('ix_relisting_removal', ['removal_id'], unique=False)
        batch_op.create_index('ix_relisting_seller', ['seller_id', 'found_at'], unique=False)

    op.create_table('strike',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('removal_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('seller_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('marketplace', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('listing_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('holder_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reason_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('severity', sa.Enum('serious', 'general', name='severity', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('taken_back_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['holder_id'], ['rights_holder.id'], name=op.f('fk_strike_holder_id')),
    sa.ForeignKeyConstraint(['listing_id'], ['listing.id'], name=op.f('fk_strike_listing_id')),
    sa.ForeignKeyConstraint(['seller_id'], ['seller.id'], name=op.f('fk_strike_seller_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_strike')),
    sa.UniqueConstraint('removal_id', name='uq_strike_removal')
    )
    with op.batch_alter_table('strike', schema=None) as batch_op:
        batch_op.create_index('ix_strike_listing', ['listing_id', 'at'], unique=False)
        batch_op.create_index('ix_strike_marketplace', ['marketplace', 'seller_id', 'at', 'severity'], unique=False)
        batch_op.create_index('ix_strike_seller', ['seller_id', 'at'], unique=False)
        batch_op.create_index('ix_strike_severity', ['seller_id', 'severity', 'at'], unique=False)

    op.create_table('sanction',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('seller_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('policy_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('strike_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('marketplace', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('client_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('measure', sa.Enum('severe_warning', 'restriction_7_days', 'restriction_14_days', 'restriction_21_days', 'ban', name='measure', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('counted', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('proposed', 'carried_out', 'declined', 'withdrawn', name='state', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reference', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('proposed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('answered_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('lapsed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['client_id'], ['platform_client.id'], name=op.f('fk_sanction_client_id')),
    sa.ForeignKeyConstraint(['policy_id'], ['strike_policy.id'], name=op.f('fk_sanction_policy_id')),
    sa.ForeignKeyConstraint(['seller_id'], ['seller.id'], name=op.f('fk_sanction_seller_id')),
    sa.ForeignKeyConstraint(['strike_id'], ['strike.id'], name=op.f('fk_sanction_strike_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sanction')),
    sa.UniqueConstraint('seller_id', 'policy_id', 'strike_id', name='uq_sanction_crossing')
    )
    with op.batch_alter_table('sanction', schema=None) as batch_op:
        batch_op.create_index('ix_sanction_state', ['marketplace', 'state', 'measure', 'proposed_at'], unique=False)
        batch_op.create_index('uq_sanction_standing', ['seller_id', 'policy_id', 'measure'], unique=True, sqlite_where=sa.text("lapsed_at IS NULL AND state != 'withdrawn'"), postgresql_where=sa.text("lapsed_at IS NULL AND state != 'withdrawn'"))
