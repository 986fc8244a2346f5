package io.denim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.install.Removal;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final RecordedActions actions = new RecordedActions();

  @Test
  void withoutACommandItShowsWhatThereIs() {
    assertThat(run()).isZero();
    assertThat(out.toString())
        .contains(
            "agent",
            "lab",
            "status",
            "pod",
            "bgp",
            "uninstall",
            "demo",
            "peers",
            "test",
            "version",
            "completion")
        .doesNotContain("train");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "agent",
        "lab",
        "status",
        "pod",
        "bgp",
        "bgp run",
        "bgp peers",
        "bgp peer",
        "bgp routes",
        "bgp explain",
        "bgp reset",
        "bgp drain",
        "bgp reload",
        "bgp capture",
        "bgp dump",
        "uninstall",
        "demo",
        "peers",
        "test",
        "version",
        "completion",
        "help",
        "lab up",
        "lab status",
        "lab exec",
        "lab kubectl",
        "lab ping",
        "lab capture",
        "lab down"
      })
  void everyCommandHasHelp(String command) {
    var words = new ArrayList<>(List.of(command.split(" ")));
    words.add("--help");

    assertThat(run(words.toArray(String[]::new))).isZero();
    assertThat(out.toString()).contains("Usage: denim " + command);
    assertThat(out.toString().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThan(101));
    assertThat(err.toString()).isEmpty();
    assertThat(actions.calls).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          demo                            | demo false
          demo --keep                     | demo true
          lab up                          | labUp demo false
          lab up --foreground             | labUp demo true
          lab up --name other             | labUp other false
          lab status                      | labStatus Optional.empty
          lab status --lab x              | labStatus Optional[x]
          lab exec n1 ip -o route         | labExec Optional.empty n1 [ip, -o, route]
          lab exec --lab x n1 -- ls -l    | labExec Optional[x] n1 [ls, -l]
          lab kubectl get pods -A         | labKubectl Optional.empty [get, pods, -A]
          lab kubectl --lab x -n a get po | labKubectl Optional[x] [-n, a, get, po]
          lab ping                        | labPing Optional.empty [] 3
          lab ping a b -c 10              | labPing Optional.empty [a, b] 10
          lab capture n1 -i eth0 udp port 1 | labCapture Optional.empty n1 Optional[eth0] Optional.empty Optional.empty [udp, port, 1]
          lab capture -w f.pcap n1        | labCapture Optional.empty n1 Optional.empty Optional[f.pcap] Optional.empty []
          lab capture -c 5 n1            | labCapture Optional.empty n1 Optional.empty Optional.empty Optional[5] []
          lab down                        | labDown Optional.empty
          status                          | status /run/denim/agent.sock
          status --socket /x              | status /x
          pod web-0                       | pod /run/denim/agent.sock web-0
          pod --socket /x shop/web-0      | pod /x shop/web-0
          bgp run r.yaml                  | bgp run r.yaml false text 0
          bgp run --restarted --log-format json -v 1 r.yaml | bgp run r.yaml true json 1
          bgp peers                       | bgp peers /run/denim/bgp.sock
          bgp peer tor-1 --control /c     | bgp peer /c tor-1
          bgp routes                      | bgp routes /run/denim/bgp.sock [] [] [] 1000
          bgp routes 10.0.0.0/8 --in tor-1 --limit 5 | bgp routes /run/denim/bgp.sock [10.0.0.0/8] [tor-1] [] 5
          bgp routes --out tor-1          | bgp routes /run/denim/bgp.sock [] [] [tor-1] 1000
          bgp explain 10.0.0.0/8 --to t   | bgp explain /run/denim/bgp.sock 10.0.0.0/8 t
          bgp reset tor-1                 | bgp reset /run/denim/bgp.sock tor-1 [] []
          bgp reset tor-1 --message why   | bgp reset /run/denim/bgp.sock tor-1 [] [why]
          bgp reset tor-1 --soft in       | bgp reset /run/denim/bgp.sock tor-1 [in] []
          bgp drain                       | bgp drain /run/denim/bgp.sock [] false
          bgp drain tor-1 --off           | bgp drain /run/denim/bgp.sock [tor-1] true
          bgp reload                      | bgp reload /run/denim/bgp.sock
          bgp capture a.mrt               | bgp capture /run/denim/bgp.sock [] a.mrt 0 PT0S
          bgp capture - --peer t --count 5 --for 60 | bgp capture /run/denim/bgp.sock [t] - 5 PT1M
          bgp dump a.mrt                  | bgp dump /run/denim/bgp.sock a.mrt
          uninstall                       | uninstall /etc/cni/net.d /opt/cni/bin /var/lib/denim dry=false force=false network=false Optional.empty
          uninstall --dry-run --cni-conf-dir /c --cni-bin-dir /b --data-dir /d | uninstall /c /b /d dry=true force=false network=false Optional.empty
          uninstall --force --network --netns /n | uninstall /etc/cni/net.d /opt/cni/bin /var/lib/denim dry=false force=true network=true Optional[/n]
          agent --ip-masq -iface eth1     | agent true [eth1]
          agent                           | agent false []
          """)
  void aCommandIsUnderstood(String line, String call) {
    assertThat(run(line.split(" +"))).as(err::toString).isZero();
    assertThat(actions.calls).containsExactly(call);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          statsu                | denim: unknown word statsu; did you mean status
          status --sock x       | denim: unknown option --sock; did you mean --socket?; see denim status --help
          version -o xml        | denim: Invalid value for option '--output': xml is not known; allowed: table, json or yaml; see denim version --help
          lab ping a            | denim: ping goes from a to what?
          lab ping -c 0         | denim: --count=0 is out of range; allowed: 1 to 10000
          lab capture -c 0 n1   | denim: --count=0 is out of range; allowed: 1 and more
          lab exec n1           | denim: Missing required parameter
          bgp reset a --soft up | denim: --soft=up is not known; allowed: in or out
          bgp reset a --soft in --message b | denim: --message goes with the end of a session, not with --soft
          bgp routes --in a --out b | denim: --in and --out are two questions; ask one of them
          bgp routes --limit 0  | denim: --limit=0 is out of range; allowed: 1 and more
          bgp capture a --for -1 | denim: --for=-1 is out of range; allowed: 1 and more, 0 for no limit
          bgp explain 10.0.0.0/8 | denim: Missing required option: '--to=PEER'
          bgp run               | denim: Missing required parameter: 'FILE'
          agent --ifce=eth0     | denim: unknown flag --ifce; did you mean --iface?
          agent false           | denim: "false" is no flag
          """)
  void wrongWordsAreOneLineOnStderrAndExitCode2(String line, String message) {
    assertThat(run(line.split(" +"))).isEqualTo(2);
    assertThat(err.toString()).startsWith(message).hasLineCount(1);
    assertThat(out.toString()).isEmpty();
    assertThat(actions.calls).isEmpty();
  }

  @Test
  void aWrongVariableIsNamedAndIsExitCode2() {
    int code =
        Main.run(
            List.of("agent"),
            Map.of("FLANNELD_IP_MASQ", "maybe"),
            actions,
            new PrintWriter(out),
            new PrintWriter(err));

    assertThat(code).isEqualTo(2);
    assertThat(err.toString())
        .isEqualTo("denim: FLANNELD_IP_MASQ=maybe is no boolean; allowed: true or false\n");
  }

  @Test
  void aFailureIsOneLineAndExitCode1() {
    actions.failure = Optional.of(CommandException.failure("lab x: is not up"));

    assertThat(run("lab", "down", "--lab", "x")).isEqualTo(1);
    assertThat(err.toString()).isEqualTo("denim: lab x: is not up\n");
  }

  @Test
  void anErrorInDenimIsSaidToBeOne() {
    actions.failure = Optional.of(new IllegalStateException("oops"));

    assertThat(run("lab", "down")).isEqualTo(1);
    assertThat(err.toString())
        .isEqualTo(
            "denim: java.lang.IllegalStateException: oops (an error in Denim; with DENIM_DEBUG=1"
                + " it says where)\n");
  }

  @Test
  void theExitCodeOfExecIsThatOfItsCommand() {
    actions.exitCode = 7;

    assertThat(run("lab", "exec", "n1", "false")).isEqualTo(7);
  }

  @Test
  void anUninstallationOfWhichAPartFailedFails() {
    actions.removals =
        List.of(new Removal("conflist", "/c", Removal.Outcome.FAILED, "Read-only file system"));

    assertThat(run("uninstall")).isEqualTo(1);
    assertThat(out.toString()).contains("conflist", "failed", "Read-only file system");
  }

  @Test
  void theVersionIsTheBuilds() {
    assertThat(run("version", "-o", "json")).isZero();
    assertThat(out.toString()).matches("(?s)\\{\\s+\"denim\" : \"\\d+\\.\\d+\\.\\d+.*}\\s*");
  }

  @Test
  void theAgentsVersionIsOnStderrAsFlanneldS() {
    assertThat(run("agent", "--version")).isZero();
    assertThat(err.toString()).startsWith("denim ").contains("Java 25");
    assertThat(actions.calls).isEmpty();
  }

  @Test
  void completionKnowsCommandsFlagsAndFormats() {
    assertThat(run("completion")).isZero();
    assertThat(out.toString())
        .contains("capture", "--healthz-port", "--keep", "\"table\" \"json\"");
  }

  @Test
  void whatTrainsTheCacheRuns() {
    assertThat(run("train")).isZero();
    assertThat(out.toString() + err).isEmpty();
  }

  private int run(String... words) {
    return Main.run(List.of(words), Map.of(), actions, new PrintWriter(out), new PrintWriter(err));
  }
}
