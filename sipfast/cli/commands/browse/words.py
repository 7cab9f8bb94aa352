"""The texts of the browser, in English and in Chinese."""

from __future__ import annotations

from ...screen.words import Count, Terms, Text, Words

__all__ = ["HELP", "BrowseWords"]


class BrowseWords(Words):
    """The texts of the browser."""

    # fmt: off
    # Starting.
    needs_terminal = Text("browse needs a terminal", "browse 需要终端")
    reads_keys = Text("{}: browse reads its files several times: give it a regular file", "{}：browse 会多次读取文件，请给出普通文件")
    not_a_header = Text("--correlate takes header:NAME, not {}", "--correlate 的值应为 header:名称，而不是 {}")
    choosing = Text("Choosing; Esc ends it.", "正在筛选；按 Esc 结束。")
    reading = Text("Reading {}", "正在读取 {}")
    read = Text("{} of {}, {}", "{} / {}，{}")
    no_dialogs = Text("No dialogs here.", "没有会话。")
    none_match = Text("No dialog matches the filter. Esc takes it away.", "没有符合过滤条件的会话。按 Esc 取消过滤。")

    # The list.
    dialogs = Count("{} dialog", "{} dialogs", "{} 个会话")
    calls = Count("{} call", "{} calls", "{} 个呼叫")
    shown = Text("{} of {}", "{} / {}")
    marked = Count("{} marked", "{} marked", "已标记 {} 个")
    calls_only = Text("calls only", "只列呼叫")
    filter = Text("Filter", "过滤")
    condition = Text("Condition", "条件")
    heads = Terms(
        {
            "number": "序号", "time": "时间", "method": "方法", "from": "主叫", "to": "被叫", "result": "结果",
            "delay": "接续", "duration": "时长", "messages": "消息", "source": "源", "destination": "目的",
            "status": "状态", "setup": "建立", "hung up": "挂机", "cause": "原因", "codecs": "编码",
            "repeats": "重传", "user agent": "用户代理",
        },
        {"number": "#", "delay": "delay", "messages": "msgs", "duration": "duration"},
    )

    # The ladder.
    ladder_of = Text("Ladder of {}", "{} 的时序图")
    of_calls = Text("Ladder of {} dialogs", "{} 个会话的时序图")
    message_of = Text("{} of {}", "{} / {}")
    by_leg = Text("coloured by Call-ID", "按 Call-ID 着色")
    by_cseq = Text("coloured by CSeq", "按 CSeq 着色")
    only_sdp = Text("SDP only", "仅 SDP")
    compressed = Text("compressed", "压缩")
    with_legs = Text("with other legs", "含其他分支")
    no_legs = Text("No other legs of this call are here ({}).", "没有找到该呼叫的其他分支（{}）。")
    no_sdp = Text("No message of this call has SDP.", "该呼叫没有带 SDP 的消息。")
    mark_another = Text("Marked; Space on another message compares the two.", "已标记；在另一条消息上按空格键即可比较。")
    too_many = Text("{} marked: the ladder has the first {}.", "已标记 {} 个：时序图只含前 {} 个。")
    too_long = Text("The ladder has the first {}.", "时序图只含前 {}。")

    # Messages and differences.
    difference = Text("Difference of messages {} and {}", "第 {} 条与第 {} 条消息的比较")
    not_compared = Text("{} more lines not compared", "另有 {} 行未比较")
    equal = Text("The two messages are the same.", "两条消息相同。")
    all_messages = Text("Messages of {}", "{} 的消息")
    one_message = Text("Message {}", "第 {} 条消息")

    # Saving.
    save = Text("Save", "保存")
    current = Text("the current dialog", "当前会话")
    chosen = Text("the marked dialogs ({})", "所标记的会话（{}）")
    displayed = Text("the dialogs shown ({})", "所列出的会话（{}）")
    everything = Text("all dialogs ({})", "全部会话（{}）")
    path = Text("File", "文件")
    formats = Text("The suffix is the format: {}.", "后缀即格式：{}。")
    unknown_format = Text("The suffix must be one of {}.", "后缀须为 {} 之一。")
    overwrite = Text("{} exists. Enter again overwrites it.", "{} 已存在。再按回车键将其覆盖。")
    saved = Text("{} saved to {}.", "已保存 {} 到 {}。")
    not_saved = Text("Not saved: {}", "未保存：{}")
    one_ladder = Text("{} dialogs are too many for a ladder.", "{} 个会话太多，无法画成时序图。")
    saving = Text("Saving…", "正在保存……")

    # Dialogs of the program.
    enter_saves = Text("Enter saves, Tab goes on, Esc leaves.", "回车保存，Tab 切换，Esc 取消。")
    enter_applies = Text("Enter applies the condition, Esc leaves.", "回车应用条件，Esc 取消。")
    condition_help = Text("A condition of SQL over: {}.", "SQL 条件，可用：{}。")
    example = Text("For example: {}", "例如：{}")
    bad_condition = Text("Malformed condition: {}", "条件有误：{}")
    column_help = Text("Space shows or hides a column, + and - move it, Enter ends.", "空格显示或隐藏列，+ 和 - 移动，回车结束。")
    setting_help = Text("Space changes a setting, Enter ends.", "空格更改设置，回车结束。")
    columns_title = Text("Columns", "列")
    settings_title = Text("Settings", "设置")
    setting = Terms({"theme": "主题", "times": "时间", "language": "语言", "mouse": "鼠标"})
    value = Terms(
        {
            "dark": "深色", "light": "浅色", "clock": "时刻", "date": "日期与时刻", "since": "自首条消息起的秒数",
            "en": "English", "zh": "中文",
        },
        {"clock": "time of day", "date": "date and time", "since": "seconds since the first message", "en": "English", "zh": "中文"},
    )
    help_title = Text("Keys of sipfast browse", "sipfast browse 的按键")
    sngrep_keys = Text("Keys marked · are those of sngrep.", "标有 · 的按键与 sngrep 相同。")

    # The summary.
    summary_title = Text("Summary", "汇总")
    of_results = Text("Results of calls", "呼叫结果")
    of_methods = Text("Dialogs by their first request", "按首个请求统计的会话")
    of_statuses = Text("Final statuses", "最终状态")
    of_sources = Text("Busiest sources", "最活跃的来源")
    span = Text("from {} to {} UTC", "自 {} 至 {} UTC")
    delays = Text("Post-dial delay: median {} s, 95 % below {} s", "接续时延：中位数 {} 秒，95% 低于 {} 秒")
    durations = Text("Duration: median {} s, in all {} h", "通话时长：中位数 {} 秒，合计 {} 小时")
    # fmt: on


HELP = {
    "The keys are those of sngrep where it has them; F1 lists them.": "按键与 sngrep 一致；按 F1 查看。",
    "Filter of the list at first, as / takes it.": "列表的初始过滤文本，同 / 键。",
    "Header field that names the other leg of a call. Repeatable.": "指出呼叫另一分支的头字段，可重复使用。",
    "Colours for a dark or a light terminal.": "用于深色或浅色终端的颜色。",
}
"""The Chinese texts of the help."""
