/** A card as a laboratory sends it, for tests; nobody's values. */
export const CRITICAL = {
  v: 1,
  kind: "critical_value",
  case: "cv-0017",
  rev: 3,
  title: "危急值：血钾 6.8 mmol/L",
  state: "notified",
  state_label: "待接收",
  patient: {
    name: "测试患者甲",
    identifiers: [{ label: "住院号", value: "T000017" }],
    place: "心内科 12 床",
  },
  facts: [{ label: "血钾", value: "6.8", unit: "mmol/L", flag: "HH", reference: "3.5–5.3" }],
  deadline: 1_764_000_300_000,
  actions: [
    { id: "receive", label: "收到", input: null },
    { id: "confirm", label: "复述", input: { kind: "text", label: "请重新输入数值" } },
    {
      id: "transfer",
      label: "转交",
      input: { kind: "choice", label: "转交给", options: [{ value: "second_line", label: "二线" }] },
    },
  ],
  links: [{ label: "打开报告", url: "https://reports.hospital.test/17" }],
  phone: "6301",
};
