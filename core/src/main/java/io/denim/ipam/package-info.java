/**
 * Who gets which addresses: a node its pod subnet, a pod its address.
 *
 * <p>{@link io.denim.ipam.SubnetAllocator} leases a node's subnet in a store under flannel's keys,
 * so that Denim and flannel nodes share one network; {@code Chooser} decides from one reading of
 * the leases, {@code FreeSubnets} finds room, and the allocator writes by compare-and-swap and
 * starts again when it was not the first. {@link io.denim.ipam.FlannelLayout} says where things are
 * in the store. {@link io.denim.ipam.HostLocal} hands out the addresses of one node in the files of
 * the reference plugin host-local; {@code RoundRobin} is its order. {@link
 * io.denim.ipam.SubnetEnvFile} writes down what the node got.
 *
 * <p>The life of one subnet: at its first start a node picks a free one and creates the lease (24
 * hours). Beside it stands Denim's own record, {@code denim/nodes/<node>}, which ties the subnet to
 * the node's name, because flannel's record knows a node by its public address only. An hour before
 * the end the lease is renewed by replacing it. After a restart the record leads back to the
 * subnet, also from another address; the record outlives the lease by a month, so a node that was
 * off comes back to its subnet if nobody took it. When another node did, this one is told, and
 * never writes over it.
 *
 * <p>Sources: flannel's {@code pkg/subnet/etcd} and {@code pkg/ip} for what is compatible, the
 * files of {@code plugins/ipam/host-local/backend/disk} of the CNI reference plugins. Deliberately
 * not as flannel: no blind writes, no loss of the subnet with the address, reservations stay
 * reservations, a lost race is tried again.
 *
 * <p>Not here: Kubernetes' {@code spec.podCIDR}, which is given and not allocated.
 */
@NullMarked
package io.denim.ipam;

import org.jspecify.annotations.NullMarked;
