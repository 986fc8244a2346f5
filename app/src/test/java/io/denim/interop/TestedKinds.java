package io.denim.interop;

import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;

/** The speakers that {@link Tested} names. */
final class TestedKinds implements ArgumentsProvider {
  @Override
  public Stream<? extends Arguments> provideArguments(
      ParameterDeclarations parameters, ExtensionContext context) {
    Tested tested = context.getRequiredTestMethod().getAnnotation(Tested.class);
    return Stream.of(tested.against()).map(Arguments::of);
  }
}
