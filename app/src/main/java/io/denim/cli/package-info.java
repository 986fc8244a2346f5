/**
 * The {@code denim} command: from the words of a command line to what is done, and from what came
 * out to lines on the terminal.
 *
 * <p>{@link io.denim.cli.Main} puts the commands together (picocli) and runs one. A command object
 * holds the options of one command and nothing else; what it does is a method of {@code Actions},
 * so that the command line can be tested without a kernel. Commands that show data give records to
 * {@code Output}, which writes any record as a table, JSON or YAML from the same tree, so that the
 * three never tell different things.
 *
 * <p>{@code denim agent} is the exception: it takes flanneld's command line as it is, which is that
 * of Go's flag package (one or two dashes, booleans without a value, parsing ends at the first word
 * that is no flag) and not picocli's. {@code GoFlags} reads it by the table {@code FlanneldFlag},
 * {@code FlanneldOptions} gives the values their types. picocli knows the table too, for help and
 * completion.
 *
 * <p>Errors are one line on stderr that begins with {@code denim:}; the exit code is 2 for words
 * that are wrong and 1 for what failed ({@code CommandException}). This package alone ends the JVM,
 * starts processes and configures java.util.logging.
 */
@NullMarked
package io.denim.cli;

import org.jspecify.annotations.NullMarked;
