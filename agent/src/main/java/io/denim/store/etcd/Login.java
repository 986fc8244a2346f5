package io.denim.store.etcd;

import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthenticateRequest;
import java.util.Optional;
import java.util.function.Function;

/**
 * The token by which etcd knows the user. It is valid at all members until it runs out, the user is
 * changed, or a member that kept it in memory only is started again; then {@link #forget} is called
 * and the next call asks for another.
 */
final class Login {
  /** For a cluster that knows no users (yet). */
  private static final String NONE = "";

  private final Optional<AuthenticateRequest> credentials;
  private Optional<String> token;

  Login(EtcdOptions options) {
    this.credentials =
        options
            .username()
            .map(name ->
                AuthenticateRequest.newBuilder()
                    .setName(name)
                    .setPassword(options.password().orElse(""))
                    .build());
    this.token = credentials.isEmpty() ? Optional.of(NONE) : Optional.empty();
  }

  /**
   * The token for a call; empty for a call without one.
   *
   * @param authenticate asks a member, by {@link AuthGrpc}
   */
  synchronized String token(Function<AuthenticateRequest, String> authenticate) {
    if (token.isEmpty()) {
      try {
        token = Optional.of(authenticate.apply(credentials.orElseThrow()));
      } catch (AskException e) {
        if (e.trouble().kind() != Trouble.Kind.NO_USERS) {
          throw e;
        }
        token = Optional.of(NONE);
      }
    }
    return token.get();
  }

  /** This token, which was refused, is not used again. */
  synchronized void forget(String refused) {
    if (credentials.isPresent() && token.equals(Optional.of(refused))) {
      token = Optional.empty();
    }
  }

  /** Whether there is a user to log in as. */
  boolean hasUser() {
    return credentials.isPresent();
  }
}
