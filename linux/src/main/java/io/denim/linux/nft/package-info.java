/**
 * nftables by netlink (linux/netfilter/nf_tables.h).
 *
 * <p>{@link io.denim.linux.nft.TableState} is a whole table as a value: its sets with their
 * elements, its chains with their rules. {@link io.denim.linux.nft.Nftables} puts one into the
 * kernel in a single transaction and reads it back into the same value, so that whether somebody
 * has changed it by hand is a comparison. A rule is a list of {@link io.denim.linux.nft.Expr}, the
 * kernel's own small machine: load into a register, compare, look up, give a verdict. {@link
 * io.denim.linux.nft.Match} has the lists that a person would write in nft's language, {@link
 * io.denim.linux.nft.Field} the parts of a packet that keys are made of.
 *
 * <p>What changes often is data, not rules: elements of several sets and maps are changed together
 * by a list of {@link io.denim.linux.nft.ElementChange}, while the rules that look them up stay.
 *
 * <p>Rules of the protocol that are kept here: a batch is BEGIN to END in one send; integers in
 * attributes are in network order, register data in the order of the register; success of a part
 * means nothing before the whole batch was judged; element lists are cut so that no attribute
 * passes 64 KiB.
 *
 * <p>Not here: anonymous sets, flow tables, objects; Denim uses none.
 */
@NullMarked
package io.denim.linux.nft;

import org.jspecify.annotations.NullMarked;
