package io.denim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.lab.Lab;
import io.denim.lab.LabConfig;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code denim status} and {@code denim pod} say of what is attached to a node. */
class PodCommandIT {
  @TempDir static Path directory;
  private static Lab lab;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeAll
  static void aNodeWithTwoPods() {
    LabConfig config =
        LabConfig.nodes(1).subnets("10.1.0.0/24").podsPerNode(2).flannel("host-gw").build();
    lab = Lab.start(config, directory, _ -> {});
  }

  @AfterAll
  static void gone() {
    lab.close();
  }

  private int run(String... words) {
    var writer = new PrintWriter(out);
    var errors = new PrintWriter(err);
    int code = Main.run(List.of(words), Map.of(), new RealActions(writer, errors), writer, errors);
    writer.flush();
    errors.flush();
    return code;
  }

  private static String socket() {
    return directory.resolve("nodes/n1/agent.sock").toString();
  }

  @Test
  void statusShowsEachAttachment() {
    assertThat(run("status", "--socket", socket())).as(err::toString).isZero();

    assertThat(out.toString())
        .contains("attachments:\nPOD")
        .contains("lab/n1-p1", "lab/n1-p2", lab.pod("n1-p1").hostDevice());
  }

  @Test
  void aPodIsShownWithInterfaceAddressesHardwareAddressHostSideNamespaceTimeAndContainer() {
    assertThat(run("pod", "n1-p1", "--socket", socket())).as(err::toString).isZero();

    Lab.Pod pod = lab.pod("n1-p1");
    assertThat(out.toString().lines().map(line -> line.replaceAll(" +", " ")))
        .contains(
            "pod lab/n1-p1",
            "ifname eth0",
            "addresses " + pod.addresses().getFirst(),
            "mac " + pod.attached().interfaces().get(2).mac(),
            "host " + pod.hostDevice(),
            "bridge cni0",
            "network cbr0",
            "container n1-p1",
            "netns " + pod.namespace().path())
        .anyMatch(line -> line.matches("since \\d{4}-\\d\\d-\\d\\dT[0-9:]+Z"));
  }

  @Test
  void aPodIsFoundByItsWholeNameAndByTheBeginningOfItsContainer() {
    assertThat(run("pod", "lab/n1-p2", "-o", "json", "--socket", socket())).isZero();
    assertThat(out.toString()).contains("\"container\" : \"n1-p2\"").doesNotContain("n1-p1");
    out.getBuffer().setLength(0);

    assertThat(run("pod", "n1-", "-o", "yaml", "--socket", socket())).isZero();
    assertThat(out.toString()).contains("n1-p1", "n1-p2");
  }

  @Test
  void aPodThatIsNotThereIsSaidWithThoseThatAre() {
    assertThat(run("pod", "web", "--socket", socket())).isEqualTo(1);

    assertThat(err.toString())
        .isEqualTo(
            "denim: no pod \"web\" is attached to this node; there are lab/n1-p1, lab/n1-p2\n");
  }
}
