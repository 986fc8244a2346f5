package io.denim.install;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RivalsTest {
  private static final Path FOLDER = Path.of("/etc/cni/net.d");

  private static List<String> problems(String name, ConfFile file) {
    SequencedMap<String, ConfFile> files = new LinkedHashMap<>();
    files.put(name, file);
    return Rivals.problems(FOLDER, files);
  }

  private static ConfFile network(String type) {
    return new ConfFile.Usable("other", List.of(type));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "00-other.conf",
        "05-a.conflist",
        "05-Denim.conflist",
        "05-denim.conf",
        ".a.conf",
        "!.json"
      })
  void whatSortsBeforeDenimsIsTold(String name) {
    assertThat(problems(name, network("bridge")))
        .containsExactly(
            "/etc/cni/net.d/"
                + name
                + " comes before 05-denim.conflist: new pods get the network \"other\" and not"
                + " Denim's until it is deleted or renamed");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "05-denim.conflist",
        "05-denim.conflist.conf",
        "10-calico.conflist",
        "10-default.conf",
        "10-flannel.conflist",
        "05-\u00e9.conf",
        "\ud83d\ude00.conf",
        "a.conf"
      })
  void whatSortsAfterDenimsIsNobodysBusiness(String name) {
    assertThat(problems(name, network("bridge"))).isEmpty();
    assertThat(problems(name, new ConfFile.Unusable("is no JSON"))).isEmpty();
  }

  @Test
  void multusIsFineSinceItCallsTheNextFilesNetwork() {
    assertThat(problems("00-multus.conf", network("multus"))).isEmpty();
    assertThat(problems("00-multus.conf", network("multus-shim"))).isEmpty();
    assertThat(problems("00-multus.conf", network("bridge"))).hasSize(1);
  }

  @Test
  void anUnusableFileBeforeDenimsStopsContainerdFromLoadingAny() {
    assertThat(problems("00-multus.conf", new ConfFile.Unusable("is no JSON: cut")))
        .containsExactly(
            "/etc/cni/net.d/00-multus.conf is no JSON: cut, and comes before 05-denim.conflist:"
                + " containerd loads no network at all until it is mended or deleted");
  }
}
