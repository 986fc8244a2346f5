package io.denim.conformance;

import io.denim.lab.Lab;
import io.denim.lab.LabConfig;
import io.denim.lab.Machine;
import io.denim.lab.TestPrograms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * Kubernetes' own tests, as its authors publish them, run against a lab from its control plane.
 *
 * @param focus which cases, a regular expression of Go
 * @param skip which of these not; empty: none
 */
record E2eSuite(String focus, String skip) {
  /** Pods reach pods, of their own node and of others, by HTTP and UDP. */
  static final E2eSuite GRANULAR_CHECKS =
      new E2eSuite(
          "Granular Checks: Pods should function for (intra|node)-pod communication: (http|udp)",
          "");

  /** All conformance cases of the network, without those that only speak to the API server. */
  static final E2eSuite CONFORMANCE =
      new E2eSuite(
          "\\[sig-network\\].*\\[Conformance\\]",
          "EndpointSliceMirroring|Ingress API|IngressClass");

  private static final Duration LOOK = Duration.ofSeconds(1);

  /** What ginkgo prints for each case that has ended, however it has. */
  private static final Pattern ENDED = Pattern.compile("•");

  /** How a case ended. */
  enum Verdict {
    /** It passed. */
    PASSED,
    /** It failed. */
    FAILED
  }

  /**
   * Runs the cases to their end, and says on standard output how far they are.
   *
   * @return the cases that were run, by name
   */
  Map<String, Verdict> run(Lab lab, String label, Duration patience) {
    Machine control = lab.machine(LabConfig.CONTROL_PLANE);
    Path report = control.folder().resolve("e2e");
    Path log = control.folder().resolve("e2e.log");
    List<String> command =
        new ArrayList<>(
            List.of(
                TestPrograms.find().peers().program("e2e.test").toString(),
                "--provider=skeleton",
                "--kubeconfig=" + lab.kubernetes().adminKubeconfig(),
                "--num-nodes=2",
                "--report-dir=" + report,
                "--ginkgo.no-color",
                "--ginkgo.focus=" + focus));
    if (!skip.isEmpty()) {
      command.add("--ginkgo.skip=" + skip);
    }
    try {
      Files.createDirectories(report);
      await(control.spawn(log, Map.of(), command), log, label, patience);
      return verdicts(report, log);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run Kubernetes' tests in " + control.folder(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while Kubernetes' tests ran", e);
    }
  }

  private static void await(Process process, Path log, String label, Duration patience)
      throws InterruptedException, IOException {
    long end = System.nanoTime() + patience.toNanos();
    long shown = 0;
    while (!process.waitFor(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
      long ended = ENDED.matcher(Files.readString(log)).results().count();
      if (ended > shown) {
        shown = ended;
        System.out.println(label + ": " + ended + " cases have ended");
      }
      if (System.nanoTime() > end) {
        process.destroyForcibly();
        throw new AssertionError(
            label + ": Kubernetes' tests are not done after " + patience + "; " + tail(log));
      }
    }
  }

  private static Map<String, Verdict> verdicts(Path report, Path log) throws IOException {
    Map<String, Verdict> verdicts = new TreeMap<>();
    try (var files = Files.list(report)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".xml")).toList()) {
        NodeList cases =
            DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(file.toFile())
                .getElementsByTagName("testcase");
        for (int i = 0; i < cases.getLength(); i++) {
          if (cases.item(i) instanceof Element one) {
            take(one, verdicts);
          }
        }
      }
    } catch (ParserConfigurationException | SAXException e) {
      throw new IllegalStateException("the report in " + report + " cannot be read", e);
    }
    if (verdicts.isEmpty()) {
      throw new AssertionError("Kubernetes' tests ran no case; " + tail(log));
    }
    return verdicts;
  }

  private static void take(Element one, Map<String, Verdict> verdicts) {
    String name = one.getAttribute("name");
    if (!name.startsWith("[It]") || one.getAttribute("status").equals("skipped")) {
      return;
    }
    Matcher bare = Pattern.compile("\\[It\\] (.*?)( \\[[^\\]]*\\])*").matcher(name);
    verdicts.put(
        bare.matches() ? bare.group(1) : name,
        one.getAttribute("status").equals("passed") ? Verdict.PASSED : Verdict.FAILED);
  }

  private static String tail(Path log) throws IOException {
    String text = Files.readString(log);
    return "the end of their output: " + text.substring(Math.max(0, text.length() - 4000));
  }
}
