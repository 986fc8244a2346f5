package io.denim.network.kubernetes;

import io.denim.network.NotYetException;
import io.denim.store.StoreHealth;
import io.denim.store.StoreHealth.Operation;
import io.denim.store.UnavailableException;
import io.denim.store.kubernetes.KubernetesApi;
import io.denim.store.kubernetes.ObjectList;
import io.denim.store.kubernetes.ObjectReader;
import io.denim.store.kubernetes.ObjectWatch;
import io.denim.store.kubernetes.Reply;
import io.denim.store.kubernetes.Verb;
import io.denim.store.kubernetes.WatchEvent;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** What an API server is asked about nodes, with an account of how that went. */
final class NodeRequests {
  private static final String NODES = "/api/v1/nodes";
  private static final ObjectList METADATA = new ObjectList(NODES, "", ObjectList.Form.METADATA);

  private final KubernetesApi api;
  private final ObjectReader<NodeObject> reader;
  private final StoreHealth health;

  NodeRequests(KubernetesApi api, NodeAnnotations annotations, StoreHealth health) {
    this.api = api;
    this.reader = NodeObject.reader(annotations);
    this.health = health;
  }

  /** Hands over all nodes; gives the version from which a watch misses nothing. */
  String list(ObjectList.Form form, Consumer<NodeObject> sink) {
    ObjectList list = new ObjectList(NODES, "", form);
    return ask(Operation.LIST, () -> api.list(list, reader, sink));
  }

  /** A node with its subnets. */
  Optional<NodeObject> get(String name) {
    return ask(Operation.GET, () -> api.get(NODES + "/" + name, reader));
  }

  /**
   * Changes a node's status, and its annotations by way of that, by a strategic merge.
   *
   * @throws NotYetException when there is no such node
   */
  NodeObject patchStatus(String name, String patch) {
    String path = NODES + "/" + name + "/status";
    return switch (ask(Operation.REPLACE, () -> api.change(Verb.MERGE, path, patch, reader))) {
      case Reply.Done<NodeObject>(NodeObject node) -> node;
      case Reply.Missing<NodeObject> _ -> throw unknown(name);
      case Reply.Conflict<NodeObject>(String message) ->
          throw new UnavailableException("patch of node " + name + ": " + message);
    };
  }

  /** For a node that is not registered. */
  static NotYetException unknown(String name) {
    return new NotYetException(
        "the API server knows no node \""
            + name
            + "\"; the kubelet registers it, under the name that NODE_NAME must give");
  }

  /** Reports what happens to the metadata of nodes. */
  ObjectWatch<NodeObject> watch(
      String from, RandomGenerator random, Consumer<WatchEvent<NodeObject>> events) {
    return api.watch(
        METADATA,
        from,
        reader,
        random,
        event -> {
          count(event);
          events.accept(event);
        });
  }

  private void count(WatchEvent<NodeObject> event) {
    switch (event) {
      case WatchEvent.Put<NodeObject> _,
          WatchEvent.Deleted<NodeObject> _,
          WatchEvent.Heard<NodeObject> _ ->
          health.heard();
      case WatchEvent.Interrupted<NodeObject>(String reason) ->
          health.failed(Operation.WATCH, Duration.ZERO, reason);
      case WatchEvent.Expired<NodeObject> _ -> health.watchRestarted();
    }
  }

  private <T> T ask(Operation operation, Supplier<T> question) {
    long begin = System.nanoTime();
    try {
      T answer = question.get();
      health.answered(operation, Duration.ofNanos(System.nanoTime() - begin));
      return answer;
    } catch (UnavailableException e) {
      if (!Thread.currentThread().isInterrupted()) {
        health.failed(
            operation, Duration.ofNanos(System.nanoTime() - begin), String.valueOf(e.getMessage()));
      }
      throw e;
    }
  }

  /** Ends all requests and the watch. */
  void close() {
    api.close();
  }
}
