package io.denim.agent;

import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** What probes are told of an agent. Its metrics are made when they are first asked for. */
final class AgentHealth implements HealthServer.Subject {
  private final Pulse pulse;
  private final BooleanSupplier ready;
  private final Supplier<Metrics> making;
  private Optional<Metrics> made = Optional.empty();

  AgentHealth(Pulse pulse, BooleanSupplier ready, Supplier<Metrics> making) {
    this.pulse = pulse;
    this.ready = ready;
    this.making = making;
  }

  @Override
  public Optional<String> fault() {
    return pulse.fault();
  }

  @Override
  public boolean ready() {
    return ready.getAsBoolean();
  }

  @Override
  public Optional<Metrics.Page> metrics(String accept) {
    Metrics metrics;
    synchronized (this) {
      metrics = made.orElseGet(making);
      made = Optional.of(metrics);
    }
    return Optional.of(metrics.page(accept));
  }
}
