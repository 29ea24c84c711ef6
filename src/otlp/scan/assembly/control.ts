/** Address of the control block of the scan at hand. */
export let control: usize = 0;

export function setControl(at: usize): void {
  control = at;
}
