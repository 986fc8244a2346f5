package io.denim.store.etcd;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Why there is no connection to a member, in words for a person. Pure. */
final class ConnectionTrouble {
  private static final String ALERT = "Received fatal alert: ";

  private static final String TLS_HINT = "; if it always does, is it https:// in --etcd-endpoints?";

  private ConnectionTrouble() {}

  /** A server that speaks TLS hangs up on who does not, before it has said anything. */
  private static boolean perhapsTls(Trouble.Circumstances when) {
    return !when.sent() && !when.endpoint().tls();
  }

  /** Empty when neither what gRPC said nor the causes tell anything better than that. */
  static Optional<String> words(
      String said, @Nullable Throwable cause, Trouble.Circumstances when) {
    if (said.startsWith("Connection closed while performing TLS negotiation")) {
      return Optional.of(
          "it closed the connection instead of speaking TLS; is it http:// in --etcd-endpoints?");
    }
    if (said.startsWith("Network closed for unknown reason")) {
      return Optional.of(
          perhapsTls(when)
              ? "it closed the connection before it said anything" + TLS_HINT
              : "the connection broke");
    }
    List<Throwable> causes = new ArrayList<>();
    for (Throwable each = cause; each != null && causes.size() < 16; each = each.getCause()) {
      causes.add(each);
    }
    // The innermost knows best what a certificate lacks.
    return causes.reversed().stream()
        .flatMap(each -> certificate(each, when).stream())
        .findFirst()
        .or(() -> causes.stream().flatMap(each -> network(each, when).stream()).findFirst());
  }

  private static Optional<String> certificate(Throwable cause, Trouble.Circumstances when) {
    String said = String.valueOf(cause.getMessage());
    if (cause instanceof CertificateExpiredException
        || cause instanceof CertificateNotYetValidException) {
      return Optional.of("its certificate is not valid today (" + said + ")");
    }
    if (cause.getClass().getName().endsWith("SunCertPathBuilderException")
        || said.contains("PKIX path building failed")) {
      return Optional.of(
          "its certificate is not trusted: it is signed by none of the authorities in "
              + when.options()
                  .caFile()
                  .map(file -> "--etcd-cafile=" + file)
                  .orElse("the JVM's list; give --etcd-cafile"));
    }
    if (cause instanceof CertificateException && said.startsWith("No ")) {
      return Optional.of(
          "its certificate is not made out to " + when.endpoint().host() + " (" + said + ")");
    }
    if (said.contains(ALERT)) {
      String alert = said.substring(said.indexOf(ALERT) + ALERT.length());
      return Optional.of(
          "it refuses this client's certificate or way of TLS (alert "
              + alert
              + "); look at "
              + when.options()
                  .certFile()
                  .map(file -> "--etcd-certfile=" + file)
                  .orElse("--etcd-certfile and --etcd-keyfile, which are not given"));
    }
    return Optional.empty();
  }

  private static Optional<String> network(Throwable cause, Trouble.Circumstances when) {
    String said = String.valueOf(cause.getMessage());
    if (cause.getClass().getName().endsWith("NotSslRecordException")) {
      return Optional.of("what answers there speaks no TLS; is it http:// in --etcd-endpoints?");
    }
    if (said.contains("First received frame was not SETTINGS")) {
      return Optional.of(
          said.contains("bytes: 1503") || said.contains("bytes: 4854")
              ? "what answers there speaks no plain HTTP/2; is it https:// in --etcd-endpoints?"
              : "what answers there is no etcd");
    }
    return switch (cause) {
      case UnknownHostException _ ->
          Optional.of("its name " + when.endpoint().host() + " is not known to DNS");
      case NoRouteToHostException _ -> Optional.of("there is no route to it");
      case ConnectException _ when said.contains("refused") ->
          Optional.of("connection refused: nothing listens there");
      case ConnectException _ -> Optional.of(said);
      case SSLException _ -> Optional.of("TLS failed: " + said);
      case IOException _ when cause.getMessage() != null ->
          Optional.of("the connection broke (" + said + ")" + (perhapsTls(when) ? TLS_HINT : ""));
      default -> Optional.empty();
    };
  }
}
