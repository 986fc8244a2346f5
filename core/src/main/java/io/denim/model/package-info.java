/**
 * The records that flannel keeps, as values: what users write and what nodes publish.
 *
 * <p>The package is cut by document. {@link io.denim.model.FlannelConfig} is {@code net-conf.json};
 * {@link io.denim.model.SubnetKey} and {@link io.denim.model.FlannelLease} are name and value of a
 * node's record in etcd, together a {@link io.denim.model.LeaseRecord}; {@link
 * io.denim.model.SubnetEnv} is the file that flannel's CNI plugin reads. {@link
 * io.denim.model.NodeFacts} is the one record of Denim's own: which subnet belongs to which node,
 * whatever its address.
 *
 * <p>The life of one record: a text comes out of a store or a file, {@code parse} makes a value of
 * it or throws {@link io.denim.model.InvalidConfigException} with all that is wrong, the rest of
 * Denim works on the value, and {@code format} writes the very bytes that flanneld would have
 * written, because flanneld takes some of them apart as text.
 *
 * <p>flannel reads JSON with Go's {@code encoding/json}, so its rules are part of the format: keys
 * match whatever their case, the later of two spellings wins, unknown keys are ignored, numbers and
 * booleans are strict. {@code GoObject} holds them in one place. Denim's own records go through
 * {@link io.denim.model.Json}.
 *
 * <p>Nothing here does I/O, knows a store or the kernel.
 */
@NullMarked
package io.denim.model;

import org.jspecify.annotations.NullMarked;
