package io.denim.lab;

import io.denim.ipam.FlannelLayout;
import io.denim.store.EmbeddedStore;
import io.denim.store.Entry;
import io.denim.store.Lifetime;
import io.denim.store.Store;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Files of the lab's folder, in which agents that are threads share the lab's own store. */
final class EmbeddedBacking implements Backing {
  private final Path directory;
  private final Store store;

  EmbeddedBacking(Path directory) {
    this.directory = directory;
    store = new EmbeddedStore(directory, InstantSource.system());
  }

  Store store() {
    return store;
  }

  @Override
  public void start() {
    // Files need nobody to serve them.
  }

  @Override
  public void configure(String netConf) {
    Optional<Entry> present = store.get(FlannelLayout.CONFIG);
    if (present.isEmpty()) {
      store.create(FlannelLayout.CONFIG, netConf, Lifetime.permanent());
    } else {
      store.replace(FlannelLayout.CONFIG, netConf, present.get().revision(), Lifetime.permanent());
    }
  }

  @Override
  public String configuration() {
    return store.get(FlannelLayout.CONFIG).orElseThrow().value();
  }

  @Override
  public List<String> flags(AgentKind agent, String node) {
    return switch (agent) {
      case DENIM -> List.of("--store-dir=" + directory);
      case FLANNELD -> throw new LabException("flanneld cannot use Denim's embedded store");
    };
  }

  @Override
  public Map<String, String> environment(String node) {
    return Map.of();
  }

  @Override
  public void complete() {
    // Nothing follows.
  }

  @Override
  public void close() {
    store.close();
  }
}
