package io.denim.store.etcd;

import io.denim.store.UnavailableException;
import io.etcd.jetcd.api.AuthGrpc;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ClientStreamTracer;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The members of a cluster as one that answers. A call goes to the member that answered last; when
 * that is of no use, to the next, at once; and when the cluster is between two leaders, to all
 * again after a pause. After five seconds it is over whatever happens.
 *
 * <p>What has been sent and may change something is sent only once: whether it has happened is for
 * the caller to find out.
 */
final class Cluster implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Cluster.class);
  private static final long PATIENCE_MILLIS = 5000;

  /** What a member gets at least, if there is so much left. */
  private static final long LEAST_MILLIS = 2500;

  private static final long FIRST_PAUSE_MILLIS = 100;

  // etcd's api/v3rpc/rpctypes/md.go and metadatafields.go.
  private static final Metadata.Key<String> TOKEN =
      Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> HAS_LEADER =
      Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);

  private final EtcdOptions options;
  private final RandomGenerator random;
  private final Wires wires;
  private final List<Member> members;
  private final Login login;
  private final AtomicInteger first;
  private volatile boolean closed;

  /** What may be done with a request whose answer did not come. */
  enum Effect {
    /** It changes nothing, or nothing that matters when it is done twice. */
    REPEATABLE,
    /** It must not be done twice. */
    ONCE
  }

  /**
   * An answer.
   *
   * @param member who gave it
   */
  record Answer<R>(R message, Member member) {}

  Cluster(EtcdOptions options, RandomGenerator random) {
    this.options = options;
    this.random = random;
    this.wires = new Wires(options);
    this.members = options.endpoints().stream().map(each -> new Member(each, wires)).toList();
    this.login = new Login(options);
    // All nodes of a network may start at once.
    this.first = new AtomicInteger(random.nextInt(members.size()));
  }

  /**
   * Asks until somebody answers.
   *
   * @param attempted the operation in words, such as {@code list subnets}
   * @throws AskException when the cluster refuses
   * @throws UnavailableException when nobody answers
   */
  <Q, R> Answer<R> ask(String attempted, MethodDescriptor<Q, R> method, Q request, Effect effect) {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
    Map<Endpoint, Trouble> troubles = new LinkedHashMap<>();
    long pause = FIRST_PAUSE_MILLIS;
    while (true) {
      boolean passing = false;
      int start = first.get();
      for (int i = 0; i < members.size(); i++) {
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0) {
          throw unavailable(attempted, troubles);
        }
        int index = (start + i) % members.size();
        Member member = members.get(index);
        long share = Math.min(left, Math.max(LEAST_MILLIS, left / (members.size() - i)));
        try {
          R answer = askMember(member, method, request, share);
          prefer(index, troubles);
          return new Answer<>(answer, member);
        } catch (AskException e) {
          Trouble trouble = e.trouble();
          troubles.put(member.endpoint(), trouble);
          switch (trouble.kind()) {
            case REVISION, TOO_LARGE, NO_USERS -> throw e;
            case REFUSED -> throw refused(attempted, member, trouble, e);
            case TOKEN -> throw unavailable(attempted, Map.of(member.endpoint(), trouble));
            case PASSING -> passing = true;
            case DEAD -> first.compareAndSet(index, (index + 1) % members.size());
          }
          if (trouble.mayHaveHappened() && effect == Effect.ONCE) {
            throw uncertain(attempted, member, trouble, e);
          }
        }
      }
      if (!passing) {
        throw unavailable(attempted, troubles);
      }
      pause(attempted, Math.min(pause, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
      pause *= 2;
    }
  }

  private void prefer(int index, Map<Endpoint, Trouble> troubles) {
    if (first.getAndSet(index) != index || !troubles.isEmpty()) {
      LOG.info("etcd: going on with {}: {}", members.get(index).endpoint(), words(troubles));
    }
  }

  /** One try at one member, or two if the token was refused. */
  private <Q, R> R askMember(Member member, MethodDescriptor<Q, R> method, Q request, long millis) {
    String token = token(member, millis);
    try {
      return attempt(member, method, request, token, millis);
    } catch (AskException e) {
      if (e.trouble().kind() != Trouble.Kind.TOKEN || !login.hasUser()) {
        throw e;
      }
      login.forget(token);
      return attempt(member, method, request, token(member, millis), millis);
    }
  }

  private String token(Member member, long millis) {
    return login.token(credentials ->
        attempt(member, AuthGrpc.getAuthenticateMethod(), credentials, "", millis).getToken());
  }

  private <Q, R> R attempt(
      Member member, MethodDescriptor<Q, R> method, Q request, String token, long millis) {
    if (closed) {
      throw closed();
    }
    ManagedChannel channel = member.channel();
    Sending sending = new Sending();
    CallOptions call =
        CallOptions.DEFAULT
            .withDeadlineAfter(millis, TimeUnit.MILLISECONDS)
            .withStreamTracerFactory(sending);
    try {
      return ClientCalls.blockingUnaryCall(marked(channel, token), method, call, request);
    } catch (StatusRuntimeException e) {
      if (closed) {
        throw closed();
      }
      if (Thread.currentThread().isInterrupted()) {
        throw new UnavailableException("interrupted while waiting for " + member.endpoint(), e);
      }
      if (!sending.began) {
        member.forget(channel);
      }
      throw new AskException(
          Trouble.of(
              e.getStatus(),
              new Trouble.Circumstances(options, member.endpoint(), sending.began, millis)),
          e);
    }
  }

  /** The channel for a stream to a member that has just answered. */
  Channel streams(Member member) {
    if (closed) {
      throw closed();
    }
    return marked(member.channel(), token(member, LEAST_MILLIS));
  }

  private static Channel marked(Channel channel, String token) {
    Metadata headers = new Metadata();
    if (!token.isEmpty()) {
      headers.put(TOKEN, token);
    }
    headers.put(HAS_LEADER, "true");
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  /** What is wrong with a stream that ended. */
  Trouble trouble(Status status, Member member) {
    return Trouble.of(
        status, new Trouble.Circumstances(options, member.endpoint(), true, LEAST_MILLIS));
  }

  /** Between half of a pause and all of it, so that those who were cut off do not come at once. */
  long spread(long millis) {
    synchronized (random) {
      return millis / 2 + random.nextLong(1 + millis / 2);
    }
  }

  private void pause(String attempted, long millis) {
    try {
      Thread.sleep(spread(Math.max(1, millis)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("cannot " + attempted + " in etcd: interrupted", e);
    }
  }

  private static UnavailableException closed() {
    return new UnavailableException("the store in etcd is closed");
  }

  private static String words(Map<Endpoint, Trouble> troubles) {
    return troubles.entrySet().stream()
        .map(each -> each.getKey() + ": " + each.getValue().words())
        .collect(Collectors.joining("; "));
  }

  private static UnavailableException refused(
      String attempted, Member member, Trouble trouble, AskException cause) {
    return new UnavailableException(
        "cannot " + attempted + ": etcd at " + member.endpoint() + " says no: " + trouble.words(),
        cause);
  }

  private static UnavailableException uncertain(
      String attempted, Member member, Trouble trouble, AskException cause) {
    return new UnavailableException(
        "cannot tell whether etcd did "
            + attempted
            + ": "
            + member.endpoint()
            + ": "
            + trouble.words(),
        cause);
  }

  private static UnavailableException unavailable(
      String attempted, Map<Endpoint, Trouble> troubles) {
    return new UnavailableException(
        "cannot "
            + attempted
            + " in etcd: "
            + words(troubles)
            + "; look whether etcd runs there and whether --etcd-endpoints is right");
  }

  @Override
  public void close() {
    closed = true;
    members.forEach(Member::close);
    wires.close();
  }

  /** Tells whether a call got as far as a connection. */
  private static final class Sending extends ClientStreamTracer.Factory {
    private volatile boolean began;

    @Override
    public ClientStreamTracer newClientStreamTracer(
        ClientStreamTracer.StreamInfo info, Metadata headers) {
      return new ClientStreamTracer() {
        @Override
        public void streamCreated(Attributes transport, Metadata sent) {
          began = true;
        }
      };
    }
  }
}
