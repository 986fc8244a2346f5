package io.denim.attach;

import io.denim.attach.Attachment.HostPort;
import io.denim.attach.Attachment.PodName;
import io.denim.attach.Attachment.Port;
import io.denim.cni.BridgeConfig;
import io.denim.cni.Call;
import io.denim.cni.ChainedBandwidth;
import io.denim.cni.ChainedPortMap;
import io.denim.cni.CniException;
import io.denim.cni.CniException.Code;
import io.denim.cni.CniResult;
import io.denim.cni.CniVersion;
import io.denim.cni.FlannelPlugin;
import io.denim.cni.IpamConfig;
import io.denim.cni.LoopbackPlugin;
import io.denim.cni.PluginConfig;
import io.denim.ipam.AllocationException;
import io.denim.ipam.SubnetEnvFile;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.model.InvalidConfigException;
import io.denim.model.SubnetEnv;
import io.denim.net.InterfaceAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** The verbs of the specification, for each kind of configuration. */
final class Verbs implements Answers.Work {
  private static final String CHAINED = "write it behind another in the list of plugins";

  private final Attachments attachments;
  private final Supplier<NodeCondition> condition;

  Verbs(Attachments attachments, Supplier<NodeCondition> condition) {
    this.attachments = attachments;
    this.condition = condition;
  }

  private Path addressFolder(BridgeConfig config) {
    return config.ipam().flatMap(IpamConfig::dataDir).orElse(attachments.folders().addresses());
  }

  @Override
  public boolean isAttached(Attachment.Key key) {
    return attachments.find(key).isPresent();
  }

  private BridgePlan plan(BridgeConfig config, Call call) {
    return Resolution.plan(
        config,
        call,
        attachments.network(),
        attachments.folders().addresses(),
        attachments.reach());
  }

  // ADD

  @Override
  public String add(Call call, PluginConfig config, Namespace container) {
    CniResult result =
        switch (config) {
          case BridgeConfig bridge -> addBridge(call, bridge, container, Optional.empty());
          case FlannelPlugin flannel -> addFlannel(call, flannel, container);
          case ChainedPortMap ports -> addPortMap(call, ports);
          case ChainedBandwidth limits -> addBandwidth(call, limits);
          case LoopbackPlugin loopback -> Loopback.up(loopback, call, container);
        };
    return result.format(config.version());
  }

  private CniResult addBridge(
      Call call, BridgeConfig config, Namespace container, Optional<String> scratch) {
    BridgePlan plan = plan(config, call);
    if (plan.sets().isEmpty() && !config.version().atLeast(CniVersion.V0_3_0)) {
      throw new CniException(
          Code.INCOMPATIBLE_VERSION,
          "cniVersion is \""
              + config.version().text()
              + "\", which has no result without an address; allowed for an interface without ipam is"
              + " 0.3.0 and later");
    }
    Attachments.Made made =
        attachments.add(Plugin.key(call), plan, pod(call), call.netns(), container, scratch);
    return Settlement.result(
        made.attachment(), made.bridge(), plan.dns(), config.previous().orElse(CniResult.EMPTY));
  }

  private static PodName pod(Call call) {
    return new PodName(call.args().podNamespace(), call.args().podName(), call.args().podUid());
  }

  private CniResult addFlannel(Call call, FlannelPlugin config, Namespace container) {
    SubnetEnv env = subnetEnv(config);
    BridgeConfig delegate = config.delegate(env);
    Path scratch = FlannelScratch.file(config.dataDir(), call.containerId());
    CniResult result = addBridge(call, delegate, container, Optional.of(scratch.toString()));
    try {
      FlannelScratch.write(attachments.reach().at(scratch), config.delegateJson(env));
    } catch (AttachmentException e) {
      attachments.remove(Plugin.key(call), config.name(), addressFolder(delegate));
      throw e;
    }
    return result;
  }

  private SubnetEnv subnetEnv(FlannelPlugin config) {
    try {
      return new SubnetEnvFile(attachments.reach().at(config.subnetFile()))
          .read()
          .orElseThrow(() ->
              new CniException(
                  Code.TRY_AGAIN,
                  "failed to load flannel 'subnet.env' file: open "
                      + config.subnetFile()
                      + ": no such file or directory",
                  "the agent writes it once the node has its subnet; denim status says what it waits for"));
    } catch (InvalidConfigException | AllocationException e) {
      throw new CniException(
          Code.INVALID_CONFIG,
          "failed to load flannel 'subnet.env' file " + config.subnetFile() + ": " + e.getMessage(),
          "",
          e);
    }
  }

  private CniResult addPortMap(Call call, ChainedPortMap config) {
    CniResult previous = previous(config, CHAINED);
    if (!config.portMappings().isEmpty()) {
      List<HostPort> ports =
          Settlement.hostPorts(
              config.portMappings(), containerAddresses(previous).stream(), config.snat());
      attachments
          .extensions()
          .extend(
              Plugin.key(call),
              config.name(),
              pod(call),
              call.netns(),
              new Extensions.Extension(Optional.of(ports), Optional.empty()));
    }
    return previous;
  }

  private CniResult addBandwidth(Call call, ChainedBandwidth config) {
    CniResult previous = previous(config, CHAINED);
    config
        .bandwidth()
        .ifPresent(limits ->
            attachments
                .extensions()
                .extend(
                    Plugin.key(call),
                    config.name(),
                    pod(call),
                    call.netns(),
                    new Extensions.Extension(
                        Optional.empty(),
                        Optional.of(
                            new Extensions.Limits(
                                attachments.extensions().hostDevice(Plugin.key(call), previous),
                                limits)))));
    return previous;
  }

  private static CniResult previous(PluginConfig config, String advice) {
    return config
        .previous()
        .orElseThrow(() ->
            new CniException(
                Code.INVALID_CONFIG,
                "prevResult is missing, which the plugin " + config.type() + " needs; " + advice));
  }

  /** The addresses of the container itself: those that are of no interface of the node. */
  private static List<InterfaceAddress> containerAddresses(CniResult previous) {
    return previous.ips().stream()
        .filter(ip -> previous.interfaceOf(ip).filter(of -> of.sandbox().isEmpty()).isEmpty())
        .map(CniResult.Ip::address)
        .toList();
  }

  // CHECK

  @Override
  public void check(Call call, PluginConfig config, Namespace container) {
    CniResult previous = previous(config, "CHECK compares with what ADD answered; hand that over");
    List<String> altered =
        switch (config) {
          case BridgeConfig _ -> checkPort(call, previous, container);
          case FlannelPlugin flannel -> checkFlannel(call, flannel, previous, container);
          case ChainedPortMap _, ChainedBandwidth _ -> checkAdded(call);
          case LoopbackPlugin _ -> Loopback.altered(container);
        };
    if (!altered.isEmpty()) {
      throw new CniException(
          Code.CHECK_FAILED,
          call.ifname()
              + " of container "
              + call.containerId()
              + " is not as it was made: "
              + String.join("; ", altered),
          "delete the pod, so that it is made anew");
    }
  }

  private List<String> checkPort(Call call, CniResult previous, Namespace container) {
    Optional<Attachment> attachment = attachments.find(Plugin.key(call));
    if (attachment.flatMap(Attachment::port).isEmpty()) {
      throw new CniException(
          Code.UNKNOWN_CONTAINER,
          call.ifname() + " of container " + call.containerId() + " is not attached by Denim");
    }
    List<String> altered =
        new ArrayList<>(attachments.altered(attachment.get(), Optional.of(container)));
    Set<InterfaceAddress> told = new HashSet<>(containerAddresses(previous));
    for (Attachment.Address address :
        attachment.get().port().map(Port::addresses).orElse(List.of())) {
      if (!told.contains(address.address())) {
        altered.add("prevResult does not have its address " + address.address());
      }
    }
    return altered;
  }

  /** What flannel's own plugin has made is looked at as far as the result tells of it. */
  private List<String> checkFlannel(
      Call call, FlannelPlugin config, CniResult previous, Namespace container) {
    boolean foreign =
        attachments.find(Plugin.key(call)).isEmpty()
            && FlannelScratch.read(scratch(config, call.containerId())).isPresent();
    if (!foreign) {
      return checkPort(call, previous, container);
    }
    try (Rtnetlink inside = Rtnetlink.open(container)) {
      return inside.link(call.ifname()).isPresent()
          ? List.of()
          : List.of("the container has no interface " + call.ifname());
    }
  }

  private List<String> checkAdded(Call call) {
    return attachments
        .find(Plugin.key(call))
        .map(attachment -> attachments.altered(attachment, Optional.empty()))
        .orElse(List.of());
  }

  // DEL

  /** Works by the record, whatever the configuration says; needs neither namespace nor result. */
  @Override
  public void del(Call call, Optional<Namespace> container) {
    del(call, container, false);
  }

  /**
   * Does a DEL that had to wait. Of several of one list only the last was kept, so whatever chained
   * plugins have added goes with it.
   */
  void replay(Call call) {
    del(call, Optional.empty(), true);
  }

  private void del(Call call, Optional<Namespace> container, boolean late) {
    Attachment.Key key = Plugin.key(call);
    Optional<PluginConfig> config = configOfDel(call);
    if (config.isPresent()) {
      switch (config.get()) {
        case BridgeConfig bridge -> delPort(key, bridge.name(), addressFolder(bridge), container);
        case FlannelPlugin flannel -> delFlannel(key, flannel, container);
        case ChainedPortMap _ -> attachments.extensions().reduce(key, true, late);
        case ChainedBandwidth _ -> attachments.extensions().reduce(key, late, true);
        case LoopbackPlugin _ -> container.ifPresent(Loopback::down);
      }
      attachments.replayed(key);
    } else {
      delPort(
          key,
          attachments.find(key).map(Attachment::network).orElse(""),
          attachments.folders().addresses(),
          container);
    }
  }

  /** Empty when it is refused: no ADD can have succeeded with it, so the record says all. */
  private Optional<PluginConfig> configOfDel(Call call) {
    try {
      return Optional.of(PluginConfig.parse(call.config()));
    } catch (CniException e) {
      if (e.code() == Code.DECODING_FAILURE && !isAttached(Plugin.key(call))) {
        throw e;
      }
      return Optional.empty();
    }
  }

  private void delPort(
      Attachment.Key key, String network, Path addressFolder, Optional<Namespace> container) {
    boolean known = attachments.find(key).isPresent();
    attachments.remove(key, network, addressFolder);
    if (!known) {
      container.ifPresent(inside -> Wiring.deleteInside(key.ifname(), inside));
    }
  }

  private void delFlannel(Attachment.Key key, FlannelPlugin config, Optional<Namespace> container) {
    Path scratch = scratch(config, key.container());
    Optional<BridgeConfig> delegate =
        attachments.find(key).isPresent()
            ? Optional.empty()
            : FlannelScratch.read(scratch).flatMap(Verbs::delegate);
    delPort(
        key,
        delegate.map(BridgeConfig::name).orElse(config.name()),
        delegate.map(this::addressFolder).orElse(attachments.folders().addresses()),
        container);
    FlannelScratch.remove(scratch);
  }

  private Path scratch(FlannelPlugin config, String container) {
    return attachments.reach().at(FlannelScratch.file(config.dataDir(), container));
  }

  /** A file that cannot be read says nothing; the address is looked for where it usually is. */
  private static Optional<BridgeConfig> delegate(String json) {
    try {
      return PluginConfig.parse(json) instanceof BridgeConfig bridge
          ? Optional.of(bridge)
          : Optional.empty();
    } catch (CniException e) {
      return Optional.empty();
    }
  }

  // GC

  /**
   * cnitool sends no list, after libcni has called DEL for what it knew. Then only that goes of
   * which it is certain that nobody has it any more: a list that was forgotten must not cost pods
   * their network.
   */
  @Override
  public void gc(PluginConfig config) {
    List<String> left =
        config.validAttachments().isEmpty()
            ? attachments.collectDead(config.name())
            : gc(config, config.validAttachments().get());
    if (!left.isEmpty()) {
      throw new CniException(Code.IO_FAILURE, "garbage is left: " + String.join("; ", left));
    }
  }

  private List<String> gc(PluginConfig config, List<io.denim.cni.Attachment> list) {
    Set<Attachment.Key> valid = new HashSet<>();
    list.forEach(each -> valid.add(new Attachment.Key(each.containerId(), each.ifname())));
    return switch (config) {
      case BridgeConfig bridge ->
          attachments.collectGarbage(config.name(), addressFolder(bridge), valid);
      case FlannelPlugin _ ->
          attachments.collectGarbage(config.name(), attachments.folders().addresses(), valid);
      case ChainedPortMap _ ->
          attachments.extensions().reduceAllBut(config.name(), valid, true, false);
      case ChainedBandwidth _ ->
          attachments.extensions().reduceAllBut(config.name(), valid, false, true);
      case LoopbackPlugin _ -> List.of();
    };
  }

  // STATUS

  @Override
  public void status(Call call, PluginConfig config) {
    switch (config) {
      case BridgeConfig bridge -> statusBridge(call, bridge);
      case FlannelPlugin flannel -> {
        node();
        BridgeConfig delegate;
        try {
          delegate = flannel.delegate(subnetEnv(flannel));
        } catch (CniException e) {
          throw unavailable(e);
        }
        statusBridge(call, delegate);
      }
      case ChainedPortMap _, ChainedBandwidth _, LoopbackPlugin _ -> {
        // These need nothing but the agent.
      }
    }
  }

  private void statusBridge(Call call, BridgeConfig config) {
    BridgePlan plan;
    try {
      plan = plan(config, call);
    } catch (CniException e) {
      if (e.code() == Code.TRY_AGAIN) {
        node();
      }
      throw unavailable(e);
    }
    if (plan.ownBridge()) {
      node();
    }
    if (!hasFree(plan)) {
      throw new CniException(
          Code.UNAVAILABLE,
          "no address is free in network " + plan.network() + ": " + plan.sets(),
          "delete pods, or give nodes larger subnets; GC frees addresses of containers that are gone");
    }
  }

  private boolean hasFree(BridgePlan plan) {
    try {
      return attachments.addresses().hasFree(plan);
    } catch (AllocationException e) {
      throw new CniException(Code.UNAVAILABLE, String.valueOf(e.getMessage()), "", e);
    }
  }

  private void node() {
    switch (condition.get()) {
      case NodeCondition.Ready() -> {
        // Nothing to say.
      }
      case NodeCondition.NotReady(List<String> reasons) ->
          throw new CniException(
              Code.UNAVAILABLE, "the node is not ready for containers", String.join("; ", reasons));
      case NodeCondition.Limited(List<String> reasons) ->
          throw new CniException(
              Code.LIMITED,
              "the kernel refuses a part of the node's network",
              String.join("; ", reasons));
    }
  }

  private static CniException unavailable(CniException cause) {
    return new CniException(
        Code.UNAVAILABLE, String.valueOf(cause.getMessage()), cause.details(), cause);
  }
}
