package io.denim.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.InterfaceAddress;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SubnetEnvTest {
  private static final String DUAL =
      """
      FLANNEL_NETWORK=10.42.0.0/16
      FLANNEL_SUBNET=10.42.0.1/24
      FLANNEL_IPV6_NETWORK=2001:cafe:42::/56
      FLANNEL_IPV6_SUBNET=2001:cafe:42::1/64
      FLANNEL_MTU=1450
      FLANNEL_IPMASQ=true
      """;

  @Test
  void dualStackIsWrittenByteForByte() {
    SubnetEnv env =
        new SubnetEnv(
            Optional.of(SubnetEnv.Part.of(Cidr.parse("10.42.0.0/16"), Cidr.parse("10.42.0.0/24"))),
            Optional.of(
                SubnetEnv.Part.of(
                    Cidr.parse("2001:cafe:42::/56"), Cidr.parse("2001:cafe:42::/64"))),
            1450,
            true);

    assertThat(env.format()).isEqualTo(DUAL);
    assertThat(SubnetEnv.parse(DUAL)).isEqualTo(env);
  }

  @Test
  void aFamilyThatIsOffHasNoLines() {
    SubnetEnv env =
        new SubnetEnv(
            Optional.of(SubnetEnv.Part.of(Cidr.parse("10.42.0.0/16"), Cidr.parse("10.42.3.0/24"))),
            Optional.empty(),
            1500,
            false);

    assertThat(env.format())
        .isEqualTo(
            """
            FLANNEL_NETWORK=10.42.0.0/16
            FLANNEL_SUBNET=10.42.3.1/24
            FLANNEL_MTU=1500
            FLANNEL_IPMASQ=false
            """);
    assertThat(SubnetEnv.parse(env.format())).isEqualTo(env);
    assertThat(env.part(Family.IPV6)).isEmpty();
  }

  @Test
  void whatAPersonWroteIsReadToo() {
    SubnetEnv env =
        SubnetEnv.parse(
            """
            # by hand

            FLANNEL_NETWORK="10.1.0.0/16,10.2.0.0/16"\r
            OTHER=x
            nonsense
             FLANNEL_SUBNET = 10.1.7.1/24
            """);

    assertThat(env.ipv4())
        .contains(
            new SubnetEnv.Part(Cidr.parse("10.1.0.0/16"), InterfaceAddress.parse("10.1.7.1/24")));
    assertThat(env.ipv4().orElseThrow().subnet()).isEqualTo(Cidr.parse("10.1.7.0/24"));
    assertThat(env.mtu()).isZero();
    assertThat(env.ipMasq()).isFalse();
  }

  @Test
  void everythingThatIsWrongIsNamed() {
    assertThat(
            catchThrowableOfType(
                InvalidConfigException.class,
                () ->
                    SubnetEnv.parse(
                        "FLANNEL_SUBNET=10.1.7.1\nFLANNEL_MTU=-5\nFLANNEL_IPMASQ=yes\n")))
        .hasMessage(
            """
            FLANNEL_NETWORK: must be an IPv4 CIDR
            FLANNEL_SUBNET 10.1.7.1: must be an IPv4 address with a length
            FLANNEL_MTU -5: must be a number of bytes
            FLANNEL_IPMASQ yes: allowed are true and false\
            """);
  }
}
