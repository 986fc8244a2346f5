/**
 * One node's agent: starts all parts, feeds them, and stops them.
 *
 * <p>An {@link io.denim.agent.Agent} is handed its namespace, its store, its clock and its source
 * of randomness; nothing is global, so one JVM holds the agents of a whole lab. It has one loop
 * thread. What happens elsewhere (the store's watches, the kernel's notifications, a renewed lease)
 * is put into the loop's queue; the loop folds what has come together, makes the next snapshot,
 * plans, and reconciles. Readers take the last published status.
 *
 * <p>The life of a start: read the configuration, choose the external device, get a subnet, list
 * the peers, bring the kernel to what they need, write subnet.env, be ready. Nothing is taken down
 * when the agent ends: pods keep their network.
 *
 * <p>What operators see: {@code Report} and {@link io.denim.agent.AgentStatus} tell what is, {@code
 * AgentMeters} counts what happens, {@link io.denim.agent.Metrics} shows both to Prometheus once
 * somebody asks. The loop gives a sign of life ({@code Pulse}) by which {@link
 * io.denim.agent.HealthServer} and a service manager know one that hangs.
 *
 * <p>Failures: the configuration that does not read is told and the last good one stays; a store
 * that does not answer stops nothing that runs; a kernel step that fails is tried again with
 * growing pauses, and the status says which and why.
 */
@NullMarked
package io.denim.agent;

import org.jspecify.annotations.NullMarked;
