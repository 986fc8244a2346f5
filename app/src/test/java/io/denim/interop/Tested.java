package io.denim.interop;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

/** A test of a feature that runs once against each of these speakers. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest
@ArgumentsSource(TestedKinds.class)
@interface Tested {
  /** What it shows, as the table in the manual has it; several tests may share the words. */
  String value();

  /** Against whom. */
  Kind[] against() default {Kind.BIRD, Kind.BIRD1, Kind.GOBGP, Kind.FRR};
}
