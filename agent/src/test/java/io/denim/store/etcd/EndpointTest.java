package io.denim.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EndpointTest {
  @ParameterizedTest
  @CsvSource({
    "http://127.0.0.1:4001, http://127.0.0.1:4001",
    "https://etcd-1.example:2379/, https://etcd-1.example:2379",
    "HTTPS://Host:1, https://Host:1",
    "http://10.0.0.1, http://10.0.0.1:2379",
    "https://[fd00::2]:2379, https://[fd00::2]:2379",
    "http://[::1], http://[::1]:2379",
    "10.0.0.1:2379, http://10.0.0.1:2379",
    "localhost, http://localhost:2379",
  })
  void anEndpointIsReadAsGoReadsIt(String text, String read) {
    assertThat(Endpoint.list(text, false)).extracting(Endpoint::toString).containsExactly(read);
  }

  @Test
  void aListHasCommasAndMayHaveBlanks() {
    assertThat(Endpoint.list("http://a:1, https://b:2", false))
        .isEqualTo(List.of(new Endpoint(false, "a", 1), new Endpoint(true, "b", 2)));
  }

  @Test
  void withoutASchemeTlsIsSpokenWhenThereAreFilesForIt() {
    assertThat(Endpoint.list("a:1,http://b:2", true))
        .extracting(Endpoint::tls)
        .containsExactly(true, false);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "http://a:1,",
        "ftp://a:1",
        "unix:///run/etcd.sock",
        "http://a:0",
        "http://a:65536",
        "http://a:1/v3",
        "http://user@a:1",
        "http://fd00::2:2379",
        "http://a b:1"
      })
  void whatIsNoEndpointIsNamedWithWhatIsAllowed(String text) {
    assertThatThrownBy(() -> Endpoint.list(text, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no endpoint of etcd")
        .hasMessageContaining("allowed: http://HOST:PORT");
  }
}
