import { join } from 'node:path'

export interface Hardware {
  /** Two processors and more memory: what kubeadm asks of a control plane, for etcd and an API server. */
  controlPlane?: boolean | undefined
  /** More words for the kernel's command line. */
  kernel?: readonly string[]
  /** Rate of the processor's clock in kHz, as `clockRateOf` gives it. If absent, the kernel measures. */
  clockRate?: number | undefined
}

/** Gives the emulator's arguments for a machine with a disk, a console and a monitor, and without a seed or a network card. */
export function hardware(image: string, folder: string, consoleLog: string, options: Hardware = {}): string[] {
  const kernel = [
    ...['console=ttyS0', 'net.ifnames=0'],
    // the image has the indexes of libraries, hardware and messages that a first boot would make again
    'systemd.condition_needs_update=0',
    // a busy host makes the clock look unstable, and the one that the kernel takes instead is slow to emulate
    'tsc=nowatchdog',
    // measured on a busy host, it may be wrong
    ...(options.clockRate === undefined ? [] : [`tsc_early_khz=${options.clockRate}`]),
    // an emulated processor has none of the faults that these guard against
    ...['mitigations=off', 'init_on_alloc=0'],
    // of two processors the timers are what takes the most: each that a program sets wakes the emulator, a tick does so 250 times a second
    ...(options.controlPlane ? ['highres=off', 'nohz=off'] : []),
    ...(options.kernel ?? [])
  ]
  return [
    // one thread: with two, the emulation may run an instruction that the kernel has just patched back ("Oops: int3")
    ...['-accel', 'tcg,thread=single'],
    // Features that make the emulation slow. With erms and fsrm the kernel clears and copies memory byte by byte. With la57 each
    // address is looked up in five tables instead of four. The others end a block of translated code at each access to the
    // memory of a program.
    ...['-cpu', 'max,-erms,-fsrm,-la57,-smap,-smep,-umip'],
    ...['-nodefaults', '-display', 'none'],
    ...(options.controlPlane ? ['-smp', '2', '-m', '3072'] : ['-smp', '1', '-m', '2048']),
    ...['-kernel', join(image, 'vmlinuz'), '-initrd', join(image, 'initrd'), '-append', kernel.join(' ')],
    ...['-drive', `file=${join(folder, 'disk.qcow2')},if=virtio,cache=unsafe`, '-device', 'virtio-rng-pci'],
    // tells the kernel that the machine goes on as a copy, so it seeds its random numbers anew
    ...['-device', 'vmgenid,guid=auto'],
    ...['-chardev', `file,id=console,path=${consoleLog},append=on`, '-serial', 'chardev:console'],
    ...['-qmp', `unix:${join(folder, 'monitor')},server=on,wait=off`],
    ...['-pidfile', join(folder, 'pid')]
  ]
}

/**
 * Gives the rate of the processor's clock in kHz, as a kernel measured it that wrote this console. Undefined if it measured wrong: if the
 * host takes the processor away while it waits for a timer of 10 ms, it may count 0.1 ms of them (28 MHz, and not 2,445), and all its
 * clocks run wild. A second measure, over a second, is told only if it agrees (pit_calibrate_tsc and tsc_refine_calibration_work in
 * arch/x86/kernel/tsc.c of Linux).
 */
export function clockRateOf(console: string): number | undefined {
  const measured = /tsc: Refined TSC clocksource calibration: (?<megahertz>[\d.]+) MHz/.exec(console)?.groups
  return measured === undefined ? undefined : Math.round(Number(measured.megahertz) * 1000)
}
