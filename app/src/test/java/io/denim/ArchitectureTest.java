package io.denim;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The house of ARCHITECTURE.md, held by the build: who may know whom, and who may do what. */
class ArchitectureTest {
  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.denim");

  /** The floor of each part, from the ground. A part knows its own and lower floors' parts. */
  private static final Map<String, Integer> FLOORS =
      Map.ofEntries(
          Map.entry("net", 1),
          Map.entry("linux", 2),
          Map.entry("model", 2),
          Map.entry("bgp", 2),
          Map.entry("store", 3),
          Map.entry("ipam", 4),
          Map.entry("state", 4),
          Map.entry("network", 5),
          Map.entry("plan", 5),
          Map.entry("apply", 6),
          Map.entry("cni", 3),
          Map.entry("attach", 6),
          Map.entry("install", 6),
          Map.entry("trace", 6),
          Map.entry("agent", 7),
          Map.entry("router", 7),
          Map.entry("lab", 8),
          Map.entry("cli", 9),
          Map.entry("console", 9));

  /** What a part must not know although it is on a lower floor. */
  private static final Map<String, Set<String>> STRANGERS =
      Map.of(
          "store", Set.of("linux"),
          "ipam", Set.of("linux"),
          "state", Set.of("linux"),
          "network", Set.of("linux"),
          "plan", Set.of("linux", "store"),
          "apply", Set.of("store"),
          "attach", Set.of("plan"),
          "install", Set.of("plan", "store"),
          "cni", Set.of("linux"),
          "router",
              Set.of(
                  "store", "ipam", "state", "network", "plan", "apply", "cni", "attach", "install",
                  "trace"));

  @Test
  void everyPackageBelongsToAPartOfTheHouse() {
    assertThat(MAIN).isNotEmpty();
    assertThat(FLOORS.keySet())
        .containsAll(MAIN.stream().map(ArchitectureTest::part).collect(Collectors.toSet()));
  }

  @Test
  void noPartKnowsOneOnItsFloorOrAbove() {
    classes().should(onlyKnowLowerFloors()).check(MAIN);
  }

  @Test
  void noPackagesDependOnEachOtherInACircle() {
    slices().matching("io.denim.(**)").should().beFreeOfCycles().check(MAIN);
  }

  @Test
  void onlyLinuxSpeaksToNativeCode() {
    noClasses()
        .that(resideOutsideOfPackage("io.denim.linux.."))
        .should()
        .dependOnClassesThat(resideInAPackage("java.lang.foreign.."))
        .check(MAIN);
  }

  @Test
  void onlyNsChangesTheNamespaceOfAThread() {
    noClasses()
        .that(resideOutsideOfPackage("io.denim.linux.ns"))
        .should()
        .accessTargetWhere(
            describe(
                "its name is setns or unshare",
                (JavaAccess<?> access) ->
                    access.getTargetOwner().getPackageName().startsWith("io.denim")
                        && !access.getTargetOwner().equals(access.getOriginOwner())
                        && Set.of("setns", "unshare").contains(access.getTarget().getName())))
        .check(MAIN);
  }

  @Test
  void onlyTheCommandStartsProcessesAndEndsTheJvm() {
    noClasses()
        .that(resideOutsideOfPackage("io.denim.cli.."))
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.lang.ProcessBuilder")
        .orShould()
        .accessTargetWhere(
            describe(
                "it is Runtime.exec, exit or halt, or System.exit",
                (JavaAccess<?> access) ->
                    Set.of("java.lang.Runtime", "java.lang.System")
                            .contains(access.getTargetOwner().getFullName())
                        && Set.of("exec", "exit", "halt").contains(access.getTarget().getName())))
        .check(MAIN);
  }

  @Test
  void onlyTheStoreInEtcdKnowsGrpc() {
    noClasses()
        .that(resideOutsideOfPackage("io.denim.store.etcd"))
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("io.grpc..", "io.netty..", "io.etcd..", "com.google.protobuf.."))
        .check(MAIN);
  }

  @Test
  void everyPackageIsNullMarked() {
    Set<JavaPackage> packages =
        MAIN.stream().map(JavaClass::getPackage).collect(Collectors.toSet());

    assertThat(packages)
        .allSatisfy(
            each -> assertThat(each.isAnnotatedWith(NullMarked.class)).as(each.getName()).isTrue());
  }

  /** {@code store} for io.denim.store and all below it. */
  private static String part(JavaClass type) {
    List<String> names = List.of(type.getPackageName().split("\\."));
    return names.size() < 3 ? "" : names.get(2);
  }

  private static ArchCondition<JavaClass> onlyKnowLowerFloors() {
    return new ArchCondition<>("know parts on lower floors only, and no stranger") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        for (Dependency dependency : new TreeSet<>(type.getDirectDependenciesFromSelf())) {
          JavaClass target = dependency.getTargetClass().getBaseComponentType();
          if (target.getPackageName().startsWith("io.denim.")
              && !mayKnow(part(type), part(target))) {
            events.add(SimpleConditionEvent.violated(type, dependency.getDescription()));
          }
        }
      }
    };
  }

  private static boolean mayKnow(String part, String other) {
    return part.equals(other)
        || (FLOORS.getOrDefault(other, Integer.MAX_VALUE) < FLOORS.getOrDefault(part, 0)
            && !STRANGERS.getOrDefault(part, Set.of()).contains(other));
  }
}
