/**
 * What befalls the store of a network, while pods of two nodes speak to each other all the time:
 * whatever it is, no packet is lost, the nodes say what is wrong, pods are still attached, and
 * changes arrive within seconds after it is over.
 *
 * <p>{@link io.denim.faults.FaultLab} is a lab whose agents are processes that reach a real store
 * by the loopback: {@link io.denim.faults.EtcdMembers}, or {@link
 * io.denim.store.kubernetes.ApiServer}. Tests stop, wipe, slow and change the store itself, or the
 * {@link io.denim.fixture.Wire} that leads there. Another node of the network is only a record,
 * written by the test as a foreign program would.
 */
@NullMarked
package io.denim.faults;

import org.jspecify.annotations.NullMarked;
