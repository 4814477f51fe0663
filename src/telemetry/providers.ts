/**
 * Where spans and metrics go, as far as Troupe's own interface names it.
 *
 * @module
 */

/** A tracer provider of OpenTelemetry (`TracerProvider` of `@opentelemetry/api`). */
export interface TracerProvider {
  /** The tracer of a library. */
  getTracer(name: string, version?: string): object;
}

/** A meter provider of OpenTelemetry (`MeterProvider` of `@opentelemetry/api`). */
export interface MeterProvider {
  /** The meter of a library. */
  getMeter(name: string, version?: string): object;
}
