package io.denim.store.etcd;

import io.denim.store.UnavailableException;
import io.grpc.ManagedChannel;
import io.grpc.netty.NegotiationType;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The connections of one store. One thread serves them all; nothing that is called on it waits.
 * Buffers come from the heap as they are needed, since an agent's traffic is a few messages a
 * second and an arena would cost megabytes.
 */
final class Wires implements AutoCloseable {
  /**
   * A member that has not answered a ping in time is given up; 10 s is the least that gRPC allows,
   * and etcd takes one every 5 s.
   */
  static final int PING_SECONDS = 10;

  static final int PONG_SECONDS = 5;

  /** A member whose host swallows packets. */
  private static final int CONNECT_MILLIS = 2000;

  /** A page of large entries, or a thousand changes that a watch has to catch up with. */
  private static final int LARGEST_MESSAGE = 16 << 20;

  private final Optional<TlsFiles> tls;
  private final EventLoopGroup loop;

  Wires(EtcdOptions options) {
    this.tls = options.usesTls() ? Optional.of(new TlsFiles(options)) : Optional.empty();
    ThreadFactory threads = Thread.ofPlatform().daemon().name("denim-etcd").factory();
    this.loop = new MultiThreadIoEventLoopGroup(1, threads, NioIoHandler.newFactory());
  }

  /**
   * A connection, which is made when it is first used.
   *
   * @param generation of the files that secure it; 0 without TLS
   */
  record Wire(ManagedChannel channel, int generation) {}

  /** Whether a new connection would be secured as this one is. */
  boolean isCurrent(Wire wire) {
    return wire.generation() == 0 || wire.generation() == tls.orElseThrow().current().generation();
  }

  Wire connect(Endpoint endpoint) {
    if (loop.isShuttingDown()) {
      throw new UnavailableException("this connection to etcd is closed");
    }
    NettyChannelBuilder builder =
        NettyChannelBuilder.forTarget("dns:///" + endpoint.authority())
            .eventLoopGroup(loop)
            .channelType(NioSocketChannel.class)
            .withOption(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
            .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
            .directExecutor()
            .offloadExecutor(Thread::startVirtualThread)
            .proxyDetector(address -> null)
            .keepAliveTime(PING_SECONDS, TimeUnit.SECONDS)
            .keepAliveTimeout(PONG_SECONDS, TimeUnit.SECONDS)
            .maxInboundMessageSize(LARGEST_MESSAGE)
            .disableRetry();
    if (!endpoint.tls()) {
      return new Wire(builder.negotiationType(NegotiationType.PLAINTEXT).build(), 0);
    }
    TlsFiles.Secured secured = tls.orElseThrow().current();
    builder.negotiationType(NegotiationType.TLS).sslContext(secured.context());
    return new Wire(builder.build(), secured.generation());
  }

  @Override
  public void close() {
    var _ = loop.shutdownGracefully(0, 2, TimeUnit.SECONDS);
  }
}
