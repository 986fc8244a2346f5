package io.denim.store.etcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrantResponse;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseTimeToLiveRequest;
import io.etcd.jetcd.api.LeaseTimeToLiveResponse;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.ResponseHeader;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * Answers as far as a node must be answered to join a network: it has a configuration and one lease
 * that changes, and takes every write without keeping it. With it the JVM that makes the AOT cache
 * sees what a node loads for an etcd, where there is none.
 */
public final class StandInEtcd implements AutoCloseable {
  private static final String LEASE = "subnets/10.1.1.0-24";

  private final Server server;

  private StandInEtcd(Server server) {
    this.server = server;
  }

  /**
   * Starts on a free port of the loopback, with flannel's default prefix.
   *
   * @param config the network configuration
   * @param lease the value of the one lease
   * @param changed its value as every watch is told it
   */
  public static StandInEtcd start(String config, String lease, String changed) throws IOException {
    return new StandInEtcd(
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(new Keys(List.of(entry("config", config, 1), entry(LEASE, lease, 1))))
            .addService(new Leases())
            .addService(new Watches(entry(LEASE, changed, 3)))
            .build()
            .start());
  }

  /** Where it listens, as {@code --etcd-endpoints} has it. */
  public String url() {
    return "http://127.0.0.1:" + server.getPort();
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  private static ResponseHeader header(long revision) {
    return ResponseHeader.newBuilder().setClusterId(1).setRevision(revision).build();
  }

  private static KeyValue entry(String key, String value, long revision) {
    return KeyValue.newBuilder()
        .setKey(ByteString.copyFromUtf8(EtcdOptions.DEFAULT_PREFIX + "/" + key))
        .setValue(ByteString.copyFromUtf8(value))
        .setCreateRevision(1)
        .setModRevision(revision)
        .setVersion(1)
        .setLease(1)
        .build();
  }

  private static <T> void answer(StreamObserver<T> to, T message) {
    to.onNext(message);
    to.onCompleted();
  }

  private static final class Keys extends KVGrpc.KVImplBase {
    private final List<KeyValue> all;

    Keys(List<KeyValue> all) {
      this.all = all;
    }

    @Override
    public void range(RangeRequest request, StreamObserver<RangeResponse> to) {
      String first = request.getKey().toStringUtf8();
      List<KeyValue> found =
          all.stream()
              .filter(each -> {
                String key = each.getKey().toStringUtf8();
                return request.getRangeEnd().isEmpty()
                    ? key.equals(first)
                    : key.compareTo(first) >= 0;
              })
              .toList();
      answer(
          to,
          RangeResponse.newBuilder()
              .setHeader(header(1))
              .addAllKvs(found)
              .setCount(found.size())
              .build());
    }

    @Override
    public void txn(TxnRequest request, StreamObserver<TxnResponse> to) {
      answer(to, TxnResponse.newBuilder().setHeader(header(2)).setSucceeded(true).build());
    }
  }

  private static final class Leases extends LeaseGrpc.LeaseImplBase {
    @Override
    public void leaseGrant(LeaseGrantRequest request, StreamObserver<LeaseGrantResponse> to) {
      answer(
          to,
          LeaseGrantResponse.newBuilder()
              .setHeader(header(1))
              .setID(1)
              .setTTL(request.getTTL())
              .build());
    }

    @Override
    public void leaseTimeToLive(
        LeaseTimeToLiveRequest request, StreamObserver<LeaseTimeToLiveResponse> to) {
      answer(
          to, LeaseTimeToLiveResponse.newBuilder().setHeader(header(1)).setID(1).setTTL(9).build());
    }
  }

  private static final class Watches extends WatchGrpc.WatchImplBase {
    private final KeyValue changed;

    Watches(KeyValue changed) {
      this.changed = changed;
    }

    @Override
    public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> to) {
      return new StreamObserver<>() {
        @Override
        public void onNext(WatchRequest request) {
          to.onNext(WatchResponse.newBuilder().setHeader(header(1)).setCreated(true).build());
          to.onNext(
              WatchResponse.newBuilder()
                  .setHeader(header(3))
                  .addEvents(Event.newBuilder().setType(Event.EventType.PUT).setKv(changed))
                  .build());
        }

        @Override
        public void onError(Throwable problem) {
          // The client is done.
        }

        @Override
        public void onCompleted() {
          to.onCompleted();
        }
      };
    }
  }
}
