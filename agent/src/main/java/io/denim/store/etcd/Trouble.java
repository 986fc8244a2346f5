package io.denim.store.etcd;

import io.grpc.Status;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Why a member did not do what it was asked, from what gRPC and etcd say. etcd's texts are those of
 * api/v3rpc/rpctypes/error.go, the same since version 3.0. Pure.
 *
 * @param kind what follows from it
 * @param mayHaveHappened whether a write may have been done all the same
 * @param words what went wrong, for a person, without naming the member
 */
record Trouble(Kind kind, boolean mayHaveHappened, String words) {
  /** What a caller does about it. */
  enum Kind {
    /** This member is of no use now; another may be. */
    DEAD,
    /** It passes by itself, soon: asked again after a pause. */
    PASSING,
    /** The token is not valid (any more), or there should be one: log in and ask again. */
    TOKEN,
    /** The cluster knows no users: there is nothing to log in to. */
    NO_USERS,
    /** The history does not reach back, or not forward, to the revision. */
    REVISION,
    /** The answer is larger than what is taken at once: ask for less. */
    TOO_LARGE,
    /** What was asked is refused by the cluster, whatever member is asked. */
    REFUSED
  }

  /** What is known about the call that failed. */
  record Circumstances(EtcdOptions options, Endpoint endpoint, boolean sent, long millis) {}

  static Trouble of(Status status, Circumstances when) {
    String said = Optional.ofNullable(status.getDescription()).orElse("");
    boolean sent = when.sent();
    return switch (status.getCode()) {
      case DEADLINE_EXCEEDED ->
          new Trouble(
              Kind.DEAD,
              sent,
              sent
                  ? "no answer within " + when.millis() + " ms"
                  : "no connection within " + when.millis() + " ms");
      case UNAUTHENTICATED -> new Trouble(Kind.TOKEN, false, said);
      case PERMISSION_DENIED -> denied(when.options());
      case INVALID_ARGUMENT, FAILED_PRECONDITION -> refused(said, when.options());
      case NOT_FOUND -> new Trouble(Kind.REFUSED, false, said);
      case OUT_OF_RANGE -> new Trouble(Kind.REVISION, false, said);
      case RESOURCE_EXHAUSTED -> exhausted(said);
      case UNIMPLEMENTED ->
          new Trouble(Kind.DEAD, false, "what answers there is no etcd with the v3 API: " + said);
      case UNAVAILABLE -> unavailable(said, status.getCause(), when);
      case OK, CANCELLED, UNKNOWN, ALREADY_EXISTS, ABORTED, INTERNAL, DATA_LOSS ->
          new Trouble(Kind.DEAD, sent, other(status, said, when));
    };
  }

  private static String other(Status status, String said, Circumstances when) {
    return ConnectionTrouble.words(said, status.getCause(), when)
        .orElse(said.isEmpty() ? status.getCode().toString() : said);
  }

  private static Trouble denied(EtcdOptions options) {
    return new Trouble(
        Kind.REFUSED,
        false,
        options.username().map(user -> "user " + user + " has").orElse("this client has")
            + " no right to it; give the role of "
            + options.username().orElse("the certificate's name")
            + " what is below --etcd-prefix: etcdctl role grant-permission ROLE --prefix readwrite "
            + (options.prefix().equals("/") ? "/" : options.prefix() + "/"));
  }

  /** etcd uses both codes for what is wrong with users, and for what is wrong with requests. */
  private static Trouble refused(String said, EtcdOptions options) {
    if (said.contains("authentication failed")) {
      return new Trouble(
          Kind.REFUSED,
          false,
          "the name or the password is wrong; look at --etcd-username="
              + options.username().orElse("")
              + " and --etcd-password");
    }
    if (said.contains("user name is empty") && options.username().isEmpty()) {
      return new Trouble(
          Kind.REFUSED,
          false,
          "it takes users only: give --etcd-username and --etcd-password, or a certificate whose"
              + " common name is a user");
    }
    if (said.contains("user name is empty") || said.contains("revision of auth store is old")) {
      return new Trouble(Kind.TOKEN, false, said);
    }
    if (said.contains("authentication is not enabled")) {
      return new Trouble(Kind.NO_USERS, false, said);
    }
    return new Trouble(Kind.REFUSED, false, said);
  }

  private static Trouble exhausted(String said) {
    if (said.contains("too many requests")) {
      return new Trouble(Kind.PASSING, false, "it has too much to do");
    }
    if (said.contains("database space exceeded")) {
      return new Trouble(
          Kind.REFUSED,
          false,
          "its database is full, so nothing can be written; compact and defragment it, then:"
              + " etcdctl alarm disarm");
    }
    if (said.contains("received message larger than max")) {
      return new Trouble(Kind.REFUSED, false, "it is more than etcd takes at once: " + said);
    }
    return said.toLowerCase(Locale.ROOT).contains("exceeds maximum")
        ? new Trouble(Kind.TOO_LARGE, true, said)
        : new Trouble(Kind.PASSING, true, said);
  }

  private static Trouble unavailable(String said, @Nullable Throwable cause, Circumstances when) {
    if (said.contains("no leader")) {
      return new Trouble(Kind.PASSING, false, "the members have no leader at the moment");
    }
    if (said.startsWith("etcdserver:")) {
      // "leader changed", "request timed out": it may have been done before.
      return new Trouble(Kind.PASSING, true, said);
    }
    return new Trouble(
        Kind.DEAD,
        when.sent(),
        ConnectionTrouble.words(said, cause, when).orElse(said.isEmpty() ? "not available" : said));
  }
}
