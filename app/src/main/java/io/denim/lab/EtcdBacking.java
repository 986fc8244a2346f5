package io.denim.lab;

import io.denim.store.etcd.EtcdOptions;
import java.util.List;
import java.util.Map;

/** A real etcd, laid out as flannel does. */
final class EtcdBacking implements Backing {
  private static final String CONFIG = EtcdOptions.DEFAULT_PREFIX + "/config";

  private final Etcd etcd;

  EtcdBacking(Etcd etcd) {
    this.etcd = etcd;
  }

  Etcd etcd() {
    return etcd;
  }

  @Override
  public void start() {
    etcd.start();
  }

  @Override
  public void configure(String netConf) {
    etcd.put(CONFIG, netConf);
  }

  @Override
  public String configuration() {
    return etcd.get(CONFIG).orElseThrow();
  }

  @Override
  public List<String> flags(AgentKind agent, String node) {
    return List.of("--etcd-endpoints=" + etcd.url());
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
    // It ends with its machine.
  }
}
