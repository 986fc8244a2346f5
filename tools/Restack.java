import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Writes those classes of jars anew that are of Java 5 or older: with the stack maps that Java 6
 * brought. The JVM keeps no others in an AOT cache, so they would be read, verified and compiled at
 * each start.
 */
final class Restack {
  private static final int STACK_MAPS = ClassFile.JAVA_6_VERSION;
  private static final int NOW = ClassFile.JAVA_8_VERSION;

  private static final String NOTICE =
      """
      Denim's tools/Restack.java has written the classes of this jar that were of Java 5 anew, with
      stack maps. Nothing else was changed.
      """;

  private Restack() {}

  public static void main(String[] jars) throws IOException {
    for (String jar : jars) {
      restack(Path.of(jar));
    }
  }

  private static void restack(Path jar) throws IOException {
    try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()});
        FileSystem files = FileSystems.newFileSystem(jar)) {
      ClassFile format =
          ClassFile.of(
              StackMapsOption.GENERATE_STACK_MAPS,
              ClassHierarchyResolverOption.of(
                  ClassHierarchyResolver.ofResourceParsing(loader)
                      .orElse(ClassHierarchyResolver.defaultResolver())));
      boolean changed = false;
      for (Path file : classes(files.getPath("/"))) {
        ClassModel model = format.parse(Files.readAllBytes(file));
        if (model.majorVersion() < STACK_MAPS) {
          Files.write(file, format.transformClass(model, newer()));
          changed = true;
        }
      }
      if (changed) {
        Files.writeString(files.getPath("/META-INF/CHANGED"), NOTICE);
      }
    }
  }

  private static List<Path> classes(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(file -> file.toString().endsWith(".class")).toList();
    }
  }

  private static ClassTransform newer() {
    return ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL)
        .andThen(
            (builder, element) ->
                builder.with(
                    element instanceof ClassFileVersion ? ClassFileVersion.of(NOW, 0) : element));
  }
}
