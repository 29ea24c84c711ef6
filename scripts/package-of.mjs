/** The name of the package that a file is of; undefined for a file of our own. */
export function packageOf(path) {
  return /.*node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(path)?.[1]?.replace("\\", "/");
}
