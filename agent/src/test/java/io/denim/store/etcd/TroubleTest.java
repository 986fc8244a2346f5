package io.denim.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.store.etcd.Trouble.Kind;
import io.grpc.Status;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.util.Optional;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TroubleTest {
  private static final EtcdOptions OPTIONS =
      EtcdOptions.of(
          "https://etcd.example:2379",
          "/coreos.com/network",
          Optional.of(Path.of("/pki/key.pem")),
          Optional.of(Path.of("/pki/cert.pem")),
          Optional.of(Path.of("/pki/ca.pem")),
          Optional.of("flannel"),
          Optional.of("secret"));

  @ParameterizedTest
  @CsvSource({
    "UNAVAILABLE, etcdserver: no leader, PASSING, false",
    "UNAVAILABLE, etcdserver: leader changed, PASSING, true",
    "UNAVAILABLE, etcdserver: request timed out, PASSING, true",
    "RESOURCE_EXHAUSTED, etcdserver: too many requests, PASSING, false",
    "RESOURCE_EXHAUSTED, etcdserver: mvcc: database space exceeded, REFUSED, false",
    "RESOURCE_EXHAUSTED, gRPC message exceeds maximum size 16: 17, TOO_LARGE, true",
    "UNAUTHENTICATED, etcdserver: invalid auth token, TOKEN, false",
    "INVALID_ARGUMENT, etcdserver: revision of auth store is old, TOKEN, false",
    "INVALID_ARGUMENT, etcdserver: user name is empty, TOKEN, false",
    "FAILED_PRECONDITION, etcdserver: authentication is not enabled, NO_USERS, false",
    "PERMISSION_DENIED, etcdserver: permission denied, REFUSED, false",
    "INVALID_ARGUMENT, etcdserver: request is too large, REFUSED, false",
    "NOT_FOUND, etcdserver: requested lease not found, REFUSED, false",
    "OUT_OF_RANGE, etcdserver: mvcc: required revision has been compacted, REVISION, false",
    "UNIMPLEMENTED, unknown service etcdserverpb.KV, DEAD, false",
    "UNKNOWN, something else, DEAD, true",
  })
  void whatEtcdSaysDecidesWhatIsDone(Status.Code code, String said, Kind kind, boolean uncertain) {
    Trouble trouble = trouble(code.toStatus().withDescription(said), true);

    assertThat(trouble.kind()).isEqualTo(kind);
    assertThat(trouble.mayHaveHappened()).isEqualTo(uncertain);
  }

  @Test
  void whatWasNotSentHasNotHappened() {
    assertThat(trouble(Status.DEADLINE_EXCEEDED, false))
        .isEqualTo(new Trouble(Kind.DEAD, false, "no connection within 2500 ms"));
    assertThat(trouble(Status.DEADLINE_EXCEEDED, true))
        .isEqualTo(new Trouble(Kind.DEAD, true, "no answer within 2500 ms"));
  }

  @Test
  void aMissingRightNamesTheUserAndWhatGivesIt() {
    assertThat(trouble(Status.PERMISSION_DENIED, true).words())
        .contains("user flannel")
        .contains("etcdctl role grant-permission ROLE --prefix readwrite /coreos.com/network/");
  }

  @Test
  void aWrongPasswordNamesTheFlagsButNotThePassword() {
    Status status =
        Status.INVALID_ARGUMENT.withDescription(
            "etcdserver: authentication failed, invalid user ID or password");

    assertThat(trouble(status, true).words())
        .contains("--etcd-username=flannel")
        .contains("--etcd-password")
        .doesNotContain("secret");
  }

  @Test
  void aClusterWithUsersAsksOneWithoutForTheFlags() {
    Status status = Status.INVALID_ARGUMENT.withDescription("etcdserver: user name is empty");
    Trouble trouble =
        Trouble.of(
            status,
            new Trouble.Circumstances(
                EtcdOptions.defaults(), new Endpoint(false, "a", 1), true, 1));

    assertThat(trouble.kind()).isEqualTo(Kind.REFUSED);
    assertThat(trouble.words()).contains("give --etcd-username and --etcd-password");
  }

  @Test
  void causesOfBrokenConnectionsAreToldInWords() {
    assertThat(broken(new ConnectException("Connection refused: etcd.example/10.0.0.1:2379")))
        .isEqualTo("connection refused: nothing listens there");
    assertThat(broken(new UnknownHostException("etcd.example")))
        .isEqualTo("its name etcd.example is not known to DNS");
    assertThat(
            broken(
                new SSLHandshakeException(
                    "PKIX path building failed: unable to find valid certification path")))
        .contains("signed by none of the authorities in --etcd-cafile=/pki/ca.pem");
    assertThat(broken(new CertificateException("No name matching etcd.example found")))
        .contains("not made out to etcd.example");
    assertThat(broken(new SSLHandshakeException("Received fatal alert: bad_certificate")))
        .contains("(alert bad_certificate); look at --etcd-certfile=/pki/cert.pem");
  }

  private static String broken(Throwable cause) {
    return trouble(
            Status.UNAVAILABLE
                .withDescription("io exception")
                .withCause(new IllegalStateException(cause)),
            false)
        .words();
  }

  private static Trouble trouble(Status status, boolean sent) {
    return Trouble.of(
        status, new Trouble.Circumstances(OPTIONS, OPTIONS.endpoints().getFirst(), sent, 2500));
  }
}
