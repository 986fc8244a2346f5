package io.denim.store.kubernetes;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.denim.model.Json;
import io.denim.store.UnavailableException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * An answer that is no success, from the {@code Status} object in it.
 *
 * @param code the HTTP status code
 * @param message the server's own words
 */
record Refusal(int code, String message) {
  /** The server does not know the resourceVersion or the continue token any more. */
  static final int GONE = 410;

  static final int NOT_FOUND = 404;
  static final int CONFLICT = 409;
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int TOO_MANY = 429;
  private static final int SHOWN = 300;

  /** The shape of a Status. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  private record Status(@Nullable String kind, @Nullable String message) {}

  /** The refusal in a body, which may be anything when a proxy answers. */
  static Refusal of(int code, String body) {
    try {
      Status status = Json.mapper().readValue(body, Status.class);
      if (status != null && "Status".equals(status.kind) && status.message != null) {
        return new Refusal(code, status.message);
      }
    } catch (JacksonException e) {
      // Not the server's own words: as they are.
    }
    String text = body.strip();
    return new Refusal(code, text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text);
  }

  /** In words for a person. */
  UnavailableException asUnavailable(String attempted, URI server, String credentials) {
    String at = attempted + " at the API server " + server;
    return new UnavailableException(
        switch (code) {
          case UNAUTHORIZED ->
              at
                  + " is refused: it does not know who asks; the token or certificate of "
                  + credentials
                  + " is wrong or has expired";
          case FORBIDDEN ->
              at
                  + " is forbidden: "
                  + message
                  + "; give the verb on the resource by a ClusterRole (RBAC)";
          case TOO_MANY -> at + " has to wait, the server has too much to do: " + message;
          default -> at + " failed with status " + code + ": " + message;
        });
  }

  /** A request that was not answered, in words for a person. */
  static UnavailableException unanswered(String attempted, URI server, Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof ExecutionException || cause instanceof CompletionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    String at = attempted + ": the API server " + server;
    return new UnavailableException(at + " " + words(cause), cause);
  }

  private static String words(Throwable cause) {
    String own = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    return switch (cause) {
      case SocketTimeoutException _ -> "answers too slowly: " + own;
      case HttpTimeoutException _, TimeoutException _ -> "did not answer in time";
      case SSLException _ -> tls(cause, own);
      case UnknownHostException _, UnresolvedAddressException _ ->
          "has a name that cannot be resolved: " + own;
      case ConnectException _ ->
          cause.getCause() instanceof UnresolvedAddressException
              ? "has a name that cannot be resolved"
              : "cannot be reached: "
                  + (cause.getMessage() == null ? "connection refused" : own)
                  + "; does it run, and is the address right (--kube-api-url, the kubeconfig,"
                  + " KUBERNETES_SERVICE_HOST)?";
      default -> "broke off: " + own;
    };
  }

  private static String tls(Throwable cause, String own) {
    return own.contains("PKIX")
            || cause.getCause() instanceof java.security.cert.CertificateException
        ? "is not who it should be: its certificate was not signed by the authority that is"
            + " configured, or is of another name: "
            + own
        : "broke off the TLS handshake: " + own;
  }
}
