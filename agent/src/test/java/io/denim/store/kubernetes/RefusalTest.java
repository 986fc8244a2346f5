package io.denim.store.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.security.cert.CertificateException;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

final class RefusalTest {
  private static final URI SERVER = URI.create("https://10.96.0.1:443");

  private static String words(int code, String body) {
    return String.valueOf(
        Refusal.of(code, body)
            .asUnavailable("list /api/v1/nodes", SERVER, "/run/token")
            .getMessage());
  }

  private static String words(Throwable failure) {
    return String.valueOf(
        Refusal.unanswered("list /api/v1/nodes", SERVER, new ExecutionException(failure))
            .getMessage());
  }

  @Test
  void theServersOwnWordsAreTold() {
    assertThat(
            words(
                403,
                "{\"kind\":\"Status\",\"message\":\"nodes is forbidden: User \\\"x\\\" cannot list"
                    + " resource \\\"nodes\\\"\",\"code\":403}"))
        .contains("cannot list resource \"nodes\"", "RBAC", SERVER.toString());
  }

  @Test
  void whoIsNotKnownIsToldWhereItsCredentialsAre() {
    assertThat(words(401, "{\"kind\":\"Status\",\"message\":\"Unauthorized\"}"))
        .contains("/run/token", "expired");
  }

  @Test
  void whatIsNoStatusIsShownShortened() {
    assertThat(words(502, "<html>" + "x".repeat(1000)))
        .contains("status 502: <html>")
        .hasSizeLessThan(500);
    assertThat(words(500, "")).contains("status 500");
    assertThat(words(500, "null")).contains("status 500");
    assertThat(words(500, "[1]")).contains("status 500: [1]");
  }

  @Test
  void aServerThatDoesNotAnswerIsToldByWhatFailed() {
    assertThat(words(new ConnectException())).contains("cannot be reached", "--kube-api-url");
    assertThat(words(new HttpTimeoutException("x"))).contains("did not answer in time");
    assertThat(words(new UnknownHostException("nowhere"))).contains("cannot be resolved: nowhere");
    assertThat(words(new java.io.IOException("reset"))).contains("broke off: reset");
    assertThat(
            words(
                new SSLHandshakeException("x")
                    .initCause(new CertificateException("no name matching"))))
        .contains("is not who it should be");
  }
}
