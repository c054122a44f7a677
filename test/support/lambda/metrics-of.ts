/** Sums of what functions counted, by name: their lines in CloudWatch's embedded metric format, read as CloudWatch does. */
export function metricsOf(functions: readonly { readonly logs: readonly string[] }[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const line of functions.flatMap(({ logs }) => logs)) {
    if (!line.startsWith('{"_aws"')) continue;
    const metric = JSON.parse(line);
    for (const { Namespace, Dimensions, Metrics } of metric._aws.CloudWatchMetrics) {
      if (Namespace !== 'Sluice' || Dimensions[0].some((name: string) => typeof metric[name] !== 'string')) continue;
      for (const { Name } of Metrics) {
        const values = [metric[Name]].flat() as number[];
        sums[Name] = (sums[Name] ?? 0) + (Name === 'LatencyMs' ? values.length : values[0]!);
      }
    }
  }
  return sums;
}
