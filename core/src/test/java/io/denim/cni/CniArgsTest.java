package io.denim.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.denim.net.InterfaceAddress;
import io.denim.net.MacAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CniArgsTest {
  @Test
  void nothingIsNoArguments() {
    assertThat(CniArgs.parse("")).isEqualTo(CniArgs.NONE);
  }

  @Test
  void whatContainerdSendsIsUnderstood() {
    CniArgs args =
        CniArgs.parse(
            "IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web-0;"
                + "K8S_POD_INFRA_CONTAINER_ID=4f1e;K8S_POD_UID=8c2a-11");

    assertThat(args)
        .isEqualTo(
            new CniArgs(true, List.of(), Optional.empty(), "shop", "web-0", "8c2a-11", "4f1e"));
  }

  @Test
  void addressesMayBeAskedFor() {
    CniArgs args =
        CniArgs.parse(
            "IP=10.244.1.7,10.244.1.8/24, fd00::7;MAC=c6-d2-32-6f-8f-44;GATEWAY=10.1.1.1");

    assertThat(args.ips())
        .containsExactly(
            InterfaceAddress.parse("10.244.1.7/32"),
            InterfaceAddress.parse("10.244.1.8/24"),
            InterfaceAddress.parse("fd00::7/128"));
    assertThat(args.mac()).contains(MacAddress.parse("c6:d2:32:6f:8f:44"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"IgnoreUnknown=1", "IgnoreUnknown=true", "IgnoreUnknown=True"})
  void unknownKeysAreIgnoredOnDemand(String demand) {
    assertThat(CniArgs.parse("FOO=bar=baz;" + demand).ignoreUnknown()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "FOO=bar | has the unknown key \"FOO\"; allowed are IgnoreUnknown, IP, MAC, GATEWAY, ",
        "FOO=bar;IgnoreUnknown=0 | has the unknown key \"FOO\"",
        "ip=10.0.0.1 | has the unknown key \"ip\"",
        "IgnoreUnknown=1;FOO | has the part \"FOO\"; allowed is KEY=value;KEY=value",
        "IgnoreUnknown=1; | has the part \"\"",
        "=x | has the part \"=x\"",
        "IgnoreUnknown=yes | IgnoreUnknown is \"yes\"; allowed is 1, true, 0 or false",
        "IP=10.0.0 | IP is \"10.0.0\"; allowed is an address with or without a length",
        "IP=10.0.0.1/33 | IP is \"10.0.0.1/33\"",
        "IP=10.0.0.1, | IP is \"10.0.0.1,\"",
        "MAC=c6:d2:32:6f:8f | MAC is \"c6:d2:32:6f:8f\"; allowed is a hardware address of one",
        "MAC=01:00:5e:00:00:01 | MAC is \"01:00:5e:00:00:01\"",
        "MAC=00:00:00:00:00:00 | MAC is \"00:00:00:00:00:00\"",
        "K8S_POD_NAME=a\tb | K8S_POD_NAME is \"a\tb\"; allowed is text without control characters",
        "IP=10.0.0.1;IP=10.0.0.2 | gives IP twice, as \"10.0.0.1\" and as \"10.0.0.2\"",
      })
  void whatIsWrongIsNamed(String text, String expected) {
    CniException error = catchThrowableOfType(CniException.class, () -> CniArgs.parse(text));

    assertThat(error).hasMessageStartingWith("CNI_ARGS: " + expected);
    assertThat(error.code().number()).isEqualTo(4);
  }
}
