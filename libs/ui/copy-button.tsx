import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from './button.js';
import { IconButton } from './icon-button.js';
import { useText } from './use-text.js';

/** How long the tick stays, in ms. */
const thanksMs = 1_600;

function useCopied(): [boolean, (value: string) => void] {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), thanksMs);
    return () => clearTimeout(timer);
  }, [copied]);
  return [copied, (value) => void navigator.clipboard.writeText(value).then(() => setCopied(true))];
}

interface CopyProps {
  /** Called at the click, so that long texts are not made before. */
  readonly value: () => string;
  readonly label?: string;
}

/** Copies a text; the icon says that it did. */
export function CopyIconButton({ value, label }: CopyProps) {
  const { text } = useText();
  const [copied, copy] = useCopied();
  const name = copied ? text('ui.copied') : (label ?? text('ui.copy'));
  return <IconButton icon={copied ? Check : Copy} label={name} onClick={() => copy(value())} />;
}

/** The same with its label beside the icon. */
export function CopyButton({ value, label }: CopyProps) {
  const { text } = useText();
  const [copied, copy] = useCopied();
  const Icon = copied ? Check : Copy;
  return (
    <Button small onClick={() => copy(value())}>
      <Icon size={16} aria-hidden />
      {copied ? text('ui.copied') : (label ?? text('ui.copy'))}
    </Button>
  );
}
