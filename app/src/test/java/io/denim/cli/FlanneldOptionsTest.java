package io.denim.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.net.IpAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FlanneldOptionsTest {

  @Test
  void withoutFlagsTheDefaultsAreThoseOfFlanneld() {
    FlanneldOptions options = parse();

    assertThat(options.netConfigPath()).isEqualTo(Path.of("/etc/kube-flannel/net-conf.json"));
    assertThat(options.subnetFile()).isEqualTo(Path.of("/run/flannel/subnet.env"));
    assertThat(options.subnetLeaseRenewMargin()).isEqualTo(Duration.ofMinutes(60));
    assertThat(options.ipMasq()).isFalse();
    assertThat(options.ipMasqFullyRandom()).isTrue();
    assertThat(options.forwardRules()).isTrue();
    assertThat(options.resync()).isEqualTo(Duration.ofMinutes(1));
    assertThat(options.blackholeRoute()).isFalse();
    assertThat(options.healthzIp()).isEqualTo(IpAddress.parse("0.0.0.0"));
    assertThat(options.healthzPort()).isZero();
    assertThat(options.verbosity()).isZero();
    assertThat(options.publicIp()).isEmpty();
    assertThat(options.ifaces()).isEmpty();
    assertThat(options.warnings()).isEmpty();
  }

  @Test
  void withoutFlagsTheDefaultsOfDenimAreOnesOwn() {
    FlanneldOptions options = parse();

    assertThat(options.nodeName()).isEqualTo("host-1");
    assertThat(options.dataDir()).isEqualTo(Path.of("/var/lib/denim"));
    assertThat(options.network())
        .isEqualTo(new NetworkSource.Embedded(Path.of("/var/lib/denim/store")));
    assertThat(options.socket()).isEqualTo(Path.of("/run/denim/agent.sock"));
    assertThat(options.cniConfDir()).isEmpty();
    assertThat(options.cniBinDir()).isEmpty();
    assertThat(options.netns()).isEmpty();
    assertThat(options.logFormat()).isEqualTo(LogFormat.TEXT);
  }

  @Test
  void oneDashOrTwoWithOrWithoutEqualsSignIsTheSame() {
    assertThat(parse("-healthz-port=8081").healthzPort()).isEqualTo(8081);
    assertThat(parse("--healthz-port=8081").healthzPort()).isEqualTo(8081);
    assertThat(parse("-healthz-port", "8081").healthzPort()).isEqualTo(8081);
    assertThat(parse("--healthz-port", "8081").healthzPort()).isEqualTo(8081);
  }

  @Test
  void theCommandLineOfTheManifestIsTaken() {
    FlanneldOptions options =
        parse(
            "--ip-masq",
            "--iface=eth1",
            "-iface",
            "10.0.0.7",
            "--iface-regex=^eth.*$",
            "--public-ip=192.0.2.1",
            "--public-ipv6=2001:db8::1",
            "--iptables-forward-rules=false",
            "--ip-blackhole-route",
            "--set-node-network-unavailable=false",
            "-v=4",
            "--kube-subnet-mgr=false",
            "--etcd-cafile=");

    assertThat(options.ipMasq()).isTrue();
    assertThat(options.ifaces()).containsExactly("eth1", "10.0.0.7");
    assertThat(options.ifaceRegexes()).containsExactly("^eth.*$");
    assertThat(options.publicIp()).contains(IpAddress.parse("192.0.2.1"));
    assertThat(options.publicIpv6()).contains(IpAddress.parse("2001:db8::1"));
    assertThat(options.forwardRules()).isFalse();
    assertThat(options.blackholeRoute()).isTrue();
    assertThat(options.verbosity()).isEqualTo(4);
    assertThat(options.warnings()).isEmpty();
  }

  @Test
  void theLastValueCounts() {
    assertThat(parse("--ip-masq", "--ip-masq=F").ipMasq()).isFalse();
    assertThat(parse("--data-dir=/a", "--data-dir=/b").network())
        .isEqualTo(new NetworkSource.Embedded(Path.of("/b/store")));
  }

  @Test
  void numbersAreWrittenAsInGo() {
    assertThat(parse("--healthz-port=0x1F91").healthzPort()).isEqualTo(8081);
    assertThat(parse("--healthz-port=017").healthzPort()).isEqualTo(15);
    assertThat(parse("--healthz-port=0o17").healthzPort()).isEqualTo(15);
    assertThat(parse("--healthz-port=0b11").healthzPort()).isEqualTo(3);
    assertThat(parse("--healthz-port=+7").healthzPort()).isEqualTo(7);
  }

  @Test
  void theEnvironmentStandsInForFlagsThatAreNotGiven() {
    Map<String, String> environment =
        Map.of(
            "FLANNELD_IP_MASQ", "true",
            "FLANNELD_IFACE", "eth1",
            "FLANNELD_HEALTHZ_PORT", "1",
            "FLANNELD_PUBLIC_IP", "",
            "NODE_NAME", "n1.example");

    FlanneldOptions options =
        FlanneldOptions.parse(List.of("--healthz-port=2"), environment, () -> "unused");

    assertThat(options.ipMasq()).isTrue();
    assertThat(options.ifaces()).containsExactly("eth1");
    assertThat(options.healthzPort()).isEqualTo(2);
    assertThat(options.publicIp()).isEmpty();
    assertThat(options.nodeName()).isEqualTo("n1.example");
  }

  @Test
  void theNodesNameIsTheFlagsThenTheVariablesThenTheHostsInLowerCase() {
    var environment = Map.of("NODE_NAME", "variable");

    assertThat(
            FlanneldOptions.parse(List.of("--node-name=flag"), environment, () -> "x").nodeName())
        .isEqualTo("flag");
    assertThat(FlanneldOptions.parse(List.of(), environment, () -> "x").nodeName())
        .isEqualTo("variable");
    assertThat(FlanneldOptions.parse(List.of(), Map.of(), () -> "HOST.Example\n").nodeName())
        .isEqualTo("host.example");
  }

  @Test
  void whatHasNoEffectIsAWarning() {
    var environment = Map.of("FLANNELD_IFCE", "eth1", "FLANNELD_VMODULE", "x=1");

    assertThat(
            FlanneldOptions.parse(List.of("--log_backtrace_at=a:1"), environment, () -> "h")
                .warnings())
        .containsExactly(
            "FLANNELD_VMODULE has no effect in Denim",
            "--log_backtrace_at has no effect in Denim",
            "FLANNELD_IFCE is not known, ignored; did you mean FLANNELD_IFACE?");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-h", "-help", "--help"})
  void helpIsAskedForAsInGo(String word) {
    assertThat(parse(word).help()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          --ifce=eth0                   | unknown flag --ifce; did you mean --iface?
          --nonsense                    | unknown flag --nonsense
          -=x                           | unknown flag --
          ---v=1                        | unknown flag ---v
          true                          | "true" is no flag; the value of a boolean flag follows "=": --ip-masq=true
          -                             | "-" is no flag; the value of a boolean flag follows "=": --ip-masq=true
          --iface                       | --iface needs a value: --iface=VALUE
          --iface=                      | --iface= is empty; allowed: a value, or not giving it
          --iface-regex=(               | --iface-regex=(: no regular expression: Unclosed group
          --ip-masq=yes                 | --ip-masq=yes is no boolean; allowed: true or false
          --healthz-port=65536          | --healthz-port=65536 is out of range; allowed: a whole number from 0 to 65535
          --healthz-port=-1             | --healthz-port=-1 is out of range; allowed: a whole number from 0 to 65535
          --healthz-port=1.0            | --healthz-port=1.0 is no number; allowed: a whole number from 0 to 65535
          --healthz-port=0x             | --healthz-port=0x is no number; allowed: a whole number from 0 to 65535
          --healthz-port=+-1            | --healthz-port=+-1 is no number; allowed: a whole number from 0 to 65535
          --healthz-ip=localhost        | --healthz-ip=localhost is no IP address; allowed: such as 192.168.1.10 or fd00::10
          --public-ip=fd00::1           | --public-ip=fd00::1 is IPv6; allowed: IPv4 addresses
          --public-ipv6=10.0.0.1        | --public-ipv6=10.0.0.1 is IPv4; allowed: IPv6 addresses
          --subnet-file=                | --subnet-file= is empty; allowed: a path
          --cni-conf-dir=               | --cni-conf-dir= is empty; allowed: a path
          --subnet-lease-renew-margin=0 | --subnet-lease-renew-margin=0 is out of range; allowed: a whole number from 1 to 1439
          --subnet-lease-renew-margin=1440 | --subnet-lease-renew-margin=1440 is out of range; allowed: a whole number from 1 to 1439
          --iptables-resync=0           | --iptables-resync=0 is out of range; allowed: a whole number from 1 to 86400
          --log-format=xml              | --log-format=xml is not known; allowed: text or json
          --node-name=Node              | --node-name=Node is no node name; allowed: lower-case letters, digits, hyphens and dots, 1 to 253, set by --node-name
          --etcd-endpoints=ftp://e      | `--etcd-endpoints: "ftp://e" is no endpoint of etcd; allowed: http://HOST:PORT and https://HOST:PORT, several with commas between them, such as https://10.0.0.1:2379,https://[fd00::2]:2379`
          --etcd-keyfile=/k             | --etcd-keyfile needs --etcd-certfile, the certificate of this key
          """)
  void anErrorNamesTheFlagItsValueAndWhatIsAllowed(String word, String message) {
    assertThatThrownBy(() -> parse(word))
        .isInstanceOfSatisfying(CommandException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
        .hasMessage(message);
  }

  @Test
  void anErrorInTheEnvironmentNamesTheVariable() {
    assertThatThrownBy(() ->
            FlanneldOptions.parse(List.of(), Map.of("FLANNELD_IPTABLES_RESYNC", "5s"), () -> "h"))
        .hasMessage(
            "FLANNELD_IPTABLES_RESYNC=5s is no number; allowed: a whole number from 1 to 86400");
  }

  @Test
  void theNetworkIsInKubernetesElseInEtcdElseInAFolder() {
    assertThat(parse("--etcd-prefix=/x", "--kube-subnet-mgr").network())
        .isInstanceOf(NetworkSource.Kubernetes.class);
    assertThat(parse("--etcd-prefix=/x", "--store-dir=/s").network())
        .isInstanceOfSatisfying(
            NetworkSource.Etcd.class, etcd -> assertThat(etcd.options().prefix()).isEqualTo("/x"));
    assertThat(parse("--store-dir=/s").network())
        .isEqualTo(new NetworkSource.Embedded(Path.of("/s")));
    assertThat(parse("--etcd-cafile=", "--etcd-endpoints=").network())
        .isInstanceOf(NetworkSource.Embedded.class);
    assertThat(
            FlanneldOptions.parse(
                    List.of(), Map.of("FLANNELD_ETCD_ENDPOINTS", "http://e:2379"), () -> "h")
                .network())
        .isInstanceOf(NetworkSource.Etcd.class);
  }

  @Test
  void aFolderThatIsNotUsedIsAWarning() {
    assertThat(parse("--store-dir=/s", "--etcd-cafile=").warnings()).isEmpty();
    assertThat(parse("--store-dir=/s", "-etcd-prefix=/x").warnings())
        .containsExactly(
            "--store-dir has no effect beside --etcd-prefix, which says that the network is kept"
                + " elsewhere");
    assertThat(parse("--store-dir=/s", "--etcd-prefix=/x", "--kube-subnet-mgr").warnings())
        .containsExactly(
            "--store-dir has no effect beside --kube-subnet-mgr, which says that the network is"
                + " kept elsewhere");
  }

  @Test
  void whoNamesTheNodeIsKnown() {
    NetworkSource named =
        FlanneldOptions.parse(
                List.of("--kube-subnet-mgr", "--kubeconfig-file=/k"),
                Map.of("NODE_NAME", "n1"),
                () -> "h")
            .network();

    assertThat(named)
        .isInstanceOfSatisfying(
            NetworkSource.Kubernetes.class,
            source -> {
              assertThat(source.nodeNamed()).isTrue();
              assertThat(source.access().kubeconfig()).contains(Path.of("/k"));
              assertThat(source.annotationPrefix()).isEqualTo("flannel.alpha.coreos.com");
              assertThat(source.setNodeNetworkUnavailable()).isTrue();
            });
  }

  @Test
  void everyFlagHasAnEntryOfItsOwnAndAVariableIfItIsFlanneldS() {
    assertThat(FlanneldFlag.values())
        .allSatisfy(flag -> assertThat(FlanneldFlag.named(flag.flagName())).contains(flag));
    assertThat(FlanneldFlag.IP_MASQ.variable()).contains("FLANNELD_IP_MASQ");
    assertThat(FlanneldFlag.LOG_BACKTRACE_AT.flagName()).isEqualTo("log_backtrace_at");
    assertThat(FlanneldFlag.STORE_DIR.variable()).isEmpty();
  }

  /** Whatever is given as a value: it is taken, or refused with the flag's name. */
  @Property(tries = 300)
  void noValueIsAnErrorOfOurOwn(
      @ForAll FlanneldFlag flag,
      @ForAll
          @AlphaChars
          @Chars({'0', '1', 'x', '-', '.', ':', '=', '(', '\0'})
          @StringLength(max = 8)
          String value) {
    try {
      parse("--" + flag.flagName() + "=" + value);
    } catch (CommandException e) {
      assertThat(e).hasMessageContaining("--" + flag.flagName());
    }
  }

  private static FlanneldOptions parse(String... words) {
    return FlanneldOptions.parse(List.of(words), Map.of(), () -> "host-1\n");
  }
}
