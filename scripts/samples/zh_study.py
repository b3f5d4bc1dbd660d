"""《可行性研究报告》：200 页，正文十章，附表为管段资料卡和钻孔资料卡。"""

from __future__ import annotations

import math
import random

from samples.book import Book
from samples.charts import bars, columns_of_soil, lines, profile, shares

DISTRICTS = ["临湖区", "东津区", "鹿鸣区", "北渡区", "云溪新区", "石埠镇", "望江镇", "栗岭镇"]
PLACES = [
    "青屿湖取水口", "芦花滩", "白鹭塘", "石桥村", "栗岭隧洞进口", "栗岭隧洞出口", "南塘河",
    "望江加压站", "清东高速跨越段", "云溪湿地", "东津净水厂", "鹿鸣调蓄池", "北渡分水口",
]  # fmt: skip
SOILS = [
    ("①杂填土", "#d8c7a3"), ("②粉质黏土", "#c9a76b"), ("③淤泥质土", "#9aa09a"),
    ("④细砂夹粉土", "#e3d3a0"), ("⑤圆砾", "#b9a58a"), ("⑥全风化砂岩", "#c58f6a"),
    ("⑦中风化砂岩", "#a9775a"),
]  # fmt: skip
REMARKS = [
    "本段沿既有道路东侧绿化带敷设，两侧无重要建筑物，施工期占用半幅人行道，交通组织方案已征求交警部门意见。",
    "本段下穿{river}，采用顶管施工，工作井设于左岸堤脚 {d} 米以外，施工避开主汛期（6 月至 9 月）。",
    "本段与 DN600 燃气管道交叉一处，竖向净距不小于 {n:.1f} 米，开挖前须由权属单位现场交底并全程旁站。",
    "本段穿越基本农田边缘，表土剥离厚度 0.{d} 米，集中堆放并于完工后三个月内复耕，临时用地补偿已列入投资估算。",
    "本段地下水位较高，基坑采用轻型井点降水，降水期间对邻近民房设沉降观测点 {d} 个，累计沉降预警值 20 毫米。",
    "本段为岩石沟槽，采用静态破碎与机械开挖结合的方式，禁止爆破；槽底铺设 200 毫米中粗砂垫层。",
    "本段经过村庄，夜间 22 时至次日 6 时不得进行高噪声作业，施工围挡高度不低于 2.5 米，并设喷雾降尘。",
    "本段坡度较陡，每隔 {d} 米设混凝土截水墙一道，管道上弯处设镇墩，镇墩抗滑安全系数不小于 1.5。",
]
DETAILS = [
    "接口采用承插式柔性接口，安装后逐口进行 0.{d} 兆帕水压检验，合格后方可回填。",
    "回填土分层夯实，管侧压实度不低于 95%，管顶 500 毫米以内采用人工夯实。",
    "本段设排气阀 {d} 座、排泥阀 1 座，阀井采用装配式钢筋混凝土结构，井盖具备防盗和位移监测功能。",
    "阴极保护采用牺牲阳极法，阳极间距 {d}0 米，投产前完成电位普测并建立台账。",
    "沿线每 500 米埋设标志桩一根，转角、阀井及穿越处加密；管顶以上 500 毫米敷设警示带。",
]


def study(cards: int) -> str:
    """整本报告；``cards`` 为管段资料卡的张数，每张一页。"""
    book, rnd = Book("第 {} 章　"), random.Random(20261)
    for chapter in (_general, _demand, _source, _route, _works, _plan, _money, _risks):
        chapter(book, rnd)
    _bore_cards(book, rnd, 38)
    _pipe_cards(book, rnd, cards)
    return book.html(
        "青屿湖第二水源与东部输水干线工程\n可行性研究报告",
        "（报批稿）",
        "建设单位：清澜水务集团有限公司\n编制单位：澄川水利勘测设计研究院\n二〇二六年十一月",
    )


def _general(book: Book, rnd: random.Random) -> None:
    book.h1("总论")
    book.h2("项目概况")
    book.facts(
        ("30 万 m³/d", "近期供水规模"), ("61.4 km", "输水干线总长"), ("18.62 亿元", "估算总投资")
    )
    book.p(
        "清澜市现状以清江为单一水源，三座水厂合计供水能力 78 万立方米每日，2025 年最高日供水量已达 72.6 万立方米，"
        "负荷率 93%。清江沿岸化工园区和货运码头密集，近十年发生取水口上游水质异常事件七次，其中两次造成水厂短时停产。"
        "建设第二水源，是补齐城市供水安全短板、支撑云溪新区发展的必要工程。",
        "本工程由青屿湖取水泵站、栗岭隧洞、东部输水干线、望江加压站、东津净水厂（扩建）和智慧调度系统六部分组成。"
        "近期（2030 年）规模 30 万立方米每日，远期（2040 年）规模 50 万立方米每日；取水头部、隧洞按远期一次建成，"
        "输水干线近期敷设一根 DN1800 管道并预留第二根管位。",
    )
    book.h2("编制依据与原则")
    book.points([
        "《清澜市国土空间总体规划（2021—2035 年）》及供水专项规划（2024 年修编）；",
        "《清澜市水资源综合规划》和《青屿湖水量分配方案》（市水务局，2025 年）；",
        "集团 2026 年第 9 次总经理办公会关于开展第二水源前期工作的纪要；",
        "《室外给水设计标准》《给水排水管道工程施工及验收规范》等现行国家标准；",
        "澄川水利勘测设计研究院 2026 年 8 月完成的初步勘察报告及 1:2000 地形图。",
    ])  # fmt: skip
    book.p(
        "方案拟定遵循四条原则：一是安全优先，新旧水源互为备用，任一水源停运时全市供水不低于平日的七成；二是一次规划、"
        "分期实施，避免近期投资闲置；三是少占耕地、避让居民点和生态保护红线；四是全过程数字化，设计、施工、运维使用同一套模型数据。"
    )
    book.h2("主要结论")
    book.p(
        "经比选，推荐东线方案：起于青屿湖东岸芦花滩，经栗岭隧洞至望江镇，沿清东高速绿化带至东津净水厂。与西线、中线方案相比，"
        "东线长度居中，但拆迁量最少、地质条件最好，年运行电费较中线低 640 万元，综合得分最高。",
        "工程估算总投资 186,240 万元，其中资本金 30% 由集团自筹，其余申请专项债券和银行贷款。按综合水价 3.42 元每立方米测算，"
        "全部投资财务内部收益率 5.8%，投资回收期 15.6 年（含建设期），经济内部收益率 9.3%，项目可行。",
    )


def _demand(book: Book, rnd: random.Random) -> None:
    book.h1("供水现状与需水预测")
    years = list(range(2016, 2026))
    for number, name in enumerate(DISTRICTS):
        book.h2(name)
        people = rnd.uniform(8, 92)
        growth = rnd.uniform(0.8, 4.2)
        daily = [
            people * 0.24 * (1 + growth / 100) ** (y - 2020) * rnd.uniform(0.97, 1.03)
            for y in years
        ]
        leak = rnd.uniform(8.2, 14.9)
        book.p(
            f"{name}现有用水人口 {people:.1f} 万人，2025 年最高日供水量 {daily[-1]:.1f} 万立方米，近十年年均增长 "
            f"{growth:.1f}%。管网总长 {people * 21:.0f} 公里，其中使用超过三十年的灰口铸铁管 {people * 1.7:.0f} 公里，"
            f"产销差率 {leak:.1f}%，{'高于' if leak > 11 else '低于'}集团 11% 的考核目标。",
            f"高峰时段末端最低服务水头 {rnd.uniform(11, 19):.1f} 米，"
            f"{'东北部地势较高的片区夏季水压不足，依靠二次加压维持' if number % 2 else '水压总体稳定，个别老旧小区存在早晚高峰水量偏小的情况'}。"
            f"按人均综合用水量指标法和年递增率法分别预测，取两者平均，2030 年最高日需水 {daily[-1] * 1.18:.1f} 万立方米，"
            f"2040 年 {daily[-1] * 1.39:.1f} 万立方米。",
        )
        book.figure(
            lines([str(y) for y in years], [(name, daily)], "万 m³/d", (620, 230)),
            f"图 2-{number + 1}　{name}最高日供水量",
        )
        book.table(
            f"表 2-{number + 1}　{name}分类用水量（万 m³）",
            ["年份", "居民生活", "公共服务", "工业", "市政杂用", "漏损及其他", "合计"],
            [[y, *(r := [d * 365 * s for s in (0.46, 0.17, 0.2, 0.05, 0.12)]), sum(r)]
             for y, d in zip(years, daily, strict=True)],
        )  # fmt: skip
    book.h2("供需平衡")
    book.table(
        "表 2-9　全市供需平衡（万 m³/d）",
        ["水平年", "最高日需水", "清江三厂", "青屿湖", "余（+）缺（-）"],
        [["2025", 72.6, 78.0, 0.0, 5.4], ["2028", 80.9, 78.0, 0.0, -2.9],
         ["2030", 87.3, 78.0, 30.0, 20.7], ["2035", 96.8, 78.0, 30.0, 11.2], ["2040", 104.5, 78.0, 50.0, 23.5]],
    )  # fmt: skip
    book.p("2028 年起现有水厂在高温季节将出现缺口，第二水源须在 2029 年汛前具备通水条件。")


def _source(book: Book, rnd: random.Random) -> None:
    book.h1("水源")
    book.h2("青屿湖水文")
    book.p(
        "青屿湖流域面积 1,284 平方公里，正常蓄水位 46.5 米，相应库容 6.8 亿立方米，兼有防洪、灌溉和生态功能。多年平均入湖径流量 "
        "9.1 亿立方米，95% 保证率枯水年为 4.7 亿立方米，扣除灌溉和生态基流后可供城市用水 2.3 亿立方米，满足远期取水 1.83 亿立方米的要求。"
    )
    months = [f"{m} 月" for m in range(1, 13)]
    for year in range(2006, 2026):
        wet = rnd.uniform(0.62, 1.35)
        flow = [
            wet * (3.1 + 15 * math.exp(-(((m - 6.6) / 2.2) ** 2))) * rnd.uniform(0.8, 1.2)
            for m in range(12)
        ]
        level = [44.2 + value / 9 + rnd.uniform(-0.2, 0.2) for value in flow]
        kind = "丰水" if wet > 1.12 else "枯水" if wet < 0.8 else "平水"
        book.h3(f"{year} 年（{kind}年）")
        book.table(
            "", ["项目", *months],
            [["流量 m³/s", *flow], ["水位 m", *level], ["总磷 mg/L×100", *[rnd.uniform(1.6, 3.9) for _ in flow]]],
        )  # fmt: skip
        book.p(
            f"该年入湖总量 {sum(flow) * 0.26:.1f} 亿立方米，最低水位出现在 {flow.index(min(flow)) + 1} 月，为 {min(level):.2f} 米，"
            f"取水口淹没深度 {min(level) - 38.4:.1f} 米，可正常取水。"
        )
    book.h2("水质")
    for site in PLACES[:5]:
        book.table(
            f"{site}断面 2025 年逐季监测结果",
            ["季度", "高锰酸盐指数", "氨氮", "总氮", "叶绿素 a", "藻密度 万个/L", "类别"],
            [[f"第 {q} 季度", rnd.uniform(1.8, 3.6), rnd.uniform(0.1, 0.4), rnd.uniform(0.5, 0.98),
              rnd.uniform(3, 17), rnd.uniform(90, 820), rnd.choice(["Ⅱ 类", "Ⅱ 类", "Ⅲ 类"])] for q in range(1, 5)],
        )  # fmt: skip


def _route(book: Book, rnd: random.Random) -> None:
    book.h1("线路比选")
    for name, length, note in (
        ("东线", 61.4, "沿清东高速绿化带，拆迁少，需新建栗岭隧洞 4.2 公里"),
        ("中线", 54.8, "最短，但穿越老城区和两处轨道交通保护区，施工干扰大"),
        ("西线", 73.2, "全程明挖，绕行云溪湿地外围，涉及基本农田 38 公顷"),
    ):
        book.h2(f"{name}方案")
        book.p(
            f"{name}全长 {length} 公里，{note}。沿线设加压站 1 座、调蓄池 1 座，穿越河流 {rnd.randint(5, 11)} 处、"
            f"等级公路 {rnd.randint(9, 17)} 处、铁路 {rnd.randint(1, 3)} 处。静态投资 {length * 2.61 + rnd.uniform(0, 18):.1f} 亿元，"
            f"年输水电耗 {length * 43:.0f} 万千瓦时。",
            "水力计算采用海曾—威廉公式，内壁粗糙系数取 130；事故工况按单管停运、连通管切换考虑，事故水量不低于设计水量的 70%。",
        )
        rows = [
            [f"{name[0]}{number:02}", rnd.choice(PLACES), length * 1000 / 24, rnd.uniform(18, 62),
             rnd.uniform(0.9, 1.4), rnd.choice(["明挖", "顶管", "隧洞", "桥管"])]
            for number in range(1, 25)
        ]  # fmt: skip
        book.table(
            f"{name}分段水力计算",
            ["段号", "起点附近", "长度 m", "末端水头 m", "流速 m/s", "工法"],
            rows,
        )
    book.figure(
        bars(["投资", "工期", "拆迁", "能耗", "环境", "运维"],
             [("东线", (82, 76, 93, 85, 88, 90)), ("中线", (79, 61, 42, 92, 55, 71)), ("西线", (70, 84, 77, 62, 60, 74))],
             "分", (640, 260)),
        "图 4-1　三条线路综合评分（百分制）",
    )  # fmt: skip


def _works(book: Book, rnd: random.Random) -> None:
    book.h1("主要建筑物")
    for name, words in (
        ("青屿湖取水泵站", "取水头部采用箱式侧向进水，设三层分层取水窗，藻类高发期取中层水。泵房为地下式，安装立式离心泵 5 台（4 用 1 备）。"),
        ("栗岭隧洞", "隧洞长 4.2 公里，有压圆形断面，内径 3.2 米，采用敞开式掘进机施工，Ⅳ、Ⅴ 类围岩段钢筋混凝土衬砌厚 350 毫米。"),
        ("望江加压站", "站内设 2 格 8,000 立方米清水调节池，安装卧式双吸泵 4 台，全部变频，屋面布置光伏 1.2 兆瓦。"),
        ("东津净水厂扩建", "新增规模 30 万立方米每日，工艺为预臭氧、高密度沉淀、砂滤、臭氧活性炭和超滤，并设应急投加系统。"),
        ("鹿鸣调蓄池", "有效容积 5 万立方米，可在干线检修时维持东部片区 6 小时供水，池顶覆土建公园。"),
        ("智慧调度中心", "与集团调度中心合建，接入沿线 412 个监测点，爆管自动识别后 3 分钟内给出关阀方案。"),
    ):  # fmt: skip
        book.h2(name)
        book.p(
            words,
            "结构安全等级一级，抗震设防烈度 7 度，设计使用年限 100 年；防洪标准按百年一遇设计、三百年一遇校核。",
        )
        book.table(
            f"{name}主要设备", ["序号", "名称", "型号规格", "数量", "功率 kW", "估价 万元"],
            [[i, rnd.choice(["离心泵", "电动蝶阀", "流量计", "变频柜", "行车", "真空系统", "在线水质仪", "排水泵"]),
              f"{rnd.choice('QDHSW')}-{rnd.randint(100, 999)}/{rnd.randint(1, 9)}", rnd.randint(1, 8),
              rnd.randint(2, 1400), rnd.uniform(3, 420)] for i in range(1, 19)],
        )  # fmt: skip
        rnd.shuffle(DETAILS)
        book.p(*(words.format(d=rnd.randint(2, 8)) for words in DETAILS[:3]))


def _plan(book: Book, rnd: random.Random) -> None:
    book.h1("建设管理与环境影响")
    book.h2("进度")
    book.table(
        "里程碑", ["节点", "计划完成", "责任部门"],
        [["可研批复", "2027-02", "战略发展部"], ["初步设计批复", "2027-06", "工程建设部"], ["隧洞开工", "2027-09", "工程建设部"],
         ["隧洞贯通", "2028-11", "工程建设部"], ["干线全线贯通", "2029-02", "工程建设部"], ["联合试运行", "2029-04", "生产运行部"],
         ["通水", "2029-05", "生产运行部"]],
    )  # fmt: skip
    book.h2("环境影响与对策")
    for topic, words in (
        ("水环境", "施工废水经沉淀、隔油后回用，顶管泥浆集中固化外运，严禁排入青屿湖及其支流。"),
        ("声环境", "居民点 200 米范围内限制夜间施工，隧洞通风机加装消声器，昼间厂界噪声不高于 60 分贝。"),
        ("生态", "取水口避开鱼类产卵期施工，云溪湿地段采用长距离顶管下穿，不设地面作业面；完工后栽植乡土树种 2.6 万株。"),
        ("水土保持", "弃渣 41 万立方米，其中 28 万用于云溪新区填方，其余进入已批复的栗岭弃渣场，先挡后弃。"),
        ("社会影响", "永久征地 96 亩，涉及搬迁 17 户，采用货币补偿和安置房双选；沿线设信息公开栏和热线。"),
    ):  # fmt: skip
        book.h3(topic)
        book.p(
            words,
            "上述措施费用已计入投资估算第四部分，由工程建设部委托第三方监测，季度报告向社会公开。",
        )


def _money(book: Book, rnd: random.Random) -> None:
    book.h1("投资估算与经济评价")
    book.h2("投资估算")
    items = [("取水与泵站", 21_480.0), ("栗岭隧洞", 33_960.0), ("输水干线", 68_750.0),
             ("净水厂扩建", 36_120.0), ("征地与环保", 11_830.0), ("其他及预备费", 14_100.0)]  # fmt: skip
    book.table("总估算（万元）", ["项目", "投资", "占比 %"],
               [*[[n, v, v / 1862.4] for n, v in items], ["合计", 186_240.0, 100.0]], total=True)  # fmt: skip
    book.figure(shares(items, "万元", (640, 120)), "图 7-1　投资构成")
    for part, value in items:
        rows, left = [], value
        for number in range(1, 23):
            cost = value * rnd.uniform(0.02, 0.06)
            left -= cost
            rows.append([f"{number:02}", (f"{part}·{rnd.choice(['土方', '混凝土', '钢筋', '管材', '安装', '监测', '措施', '临时工程'])}"
                         f"（{rnd.choice(PLACES)}）"), rnd.choice(["m³", "t", "m", "项"]), rnd.randint(12, 9800), cost])  # fmt: skip
        rows.append(["23", "其余合并", "项", 1, left])
        book.table(f"{part}分项估算", ["序号", "内容", "单位", "数量", "金额 万元"], rows)
    book.h2("财务评价")
    debt, rows = 130_368.0, []
    for year in range(2030, 2052):
        income = 11_800 + 640 * min(year - 2030, 12)
        interest = debt * 0.031
        debt = max(0.0, debt - 6_300)
        rows.append(
            [str(year), float(income), income * 0.41, interest, income * 0.59 - interest, debt]
        )
    book.table(
        "利润与还本付息（万元）",
        ["年份", "供水收入", "经营成本", "利息", "税前利润", "年末借款余额"],
        rows,
    )
    book.p(
        "敏感性分析表明，收入对水价最敏感：水价下降 10%，内部收益率降至 4.6%，仍高于贷款综合利率；投资增加 10% 时为 5.1%。"
    )


def _risks(book: Book, rnd: random.Random) -> None:
    book.h1("风险与结论")
    causes = ["栗岭断层破碎带涌水", "铸管价格上涨", "征迁进度滞后", "取水许可延期", "藻类暴发", "交叉管线资料不准",
              "主汛期提前", "掘进机主轴承故障", "贷款利率上行", "试运行水质波动", "分包队伍更换", "湿地段泥浆外溢"]  # fmt: skip
    book.table(
        "风险清单", ["编号", "风险", "可能性", "影响", "等级", "应对措施", "责任人"],
        [[f"R{i:02}", cause, p := rnd.randint(1, 5), e := rnd.randint(2, 5), "高" if p * e > 14 else "中" if p * e > 7 else "低",
          rnd.choice(["超前钻探，备用排水", "框架协议锁价", "提前启动公示", "分层取水，应急投加", "物探复核", "设专人协调"]),
          rnd.choice(["祁砚", "陆宛宁", "谭青禾", "顾明川"])] for i, cause in enumerate(causes, 1)],
    )  # fmt: skip
    book.p(
        "综上，工程符合城市规划和水资源配置方案，建设条件具备，技术方案可行，投资估算合理，风险可控。建议尽快批复可行性研究报告，"
        "同步启动取水许可、用地预审和专项债券申报，确保 2027 年 9 月控制性工程栗岭隧洞开工。"
    )


def _bore_cards(book: Book, rnd: random.Random, count: int) -> None:
    book.h1("附表一　钻孔资料卡", numbered=False)
    for number in range(1, count + 1):
        card, top, layers = Book(), 0.0, []
        for name, colour in SOILS[rnd.randint(0, 1) :]:
            top += rnd.uniform(1.2, 6.5)
            layers.append((name, top, colour))
        card.p(
            f"孔口高程 {rnd.uniform(31, 78):.2f} 米，孔深 {top:.1f} 米，稳定水位埋深 {rnd.uniform(0.8, 5.2):.1f} 米，"
            f"位于{rnd.choice(PLACES)}附近。地下水对混凝土微腐蚀，对钢结构弱腐蚀。"
        )
        card.figure(columns_of_soil(layers, (420, 300)), f"ZK{number:02} 柱状图（层底深度，米）")
        card.table("物理力学指标建议值", ["层号", "厚度 m", "天然密度", "黏聚力 kPa", "内摩擦角 °", "承载力 kPa"],
                   [[name, bottom, rnd.uniform(1.7, 2.6), rnd.randint(4, 60), rnd.uniform(8, 38), rnd.randint(70, 900)]
                    for name, bottom, _ in layers])  # fmt: skip
        book.card(f"ZK{number:02}　{rnd.choice(PLACES)}钻孔", card)


def _pipe_cards(book: Book, rnd: random.Random, count: int) -> None:
    book.h1("附表二　管段资料卡", numbered=False)
    ground = 46.0
    for number in range(1, count + 1):
        heights = [ground := max(30.0, ground + rnd.uniform(-2.2, 2.0)) for _ in range(11)]
        depth = rnd.uniform(2.6, 4.8)
        card = Book()
        card.figure(profile(heights, [h * 0.3 + min(heights) * 0.7 - depth for h in heights], (640, 230)),
                    f"纵断面：桩号 K{number * 0.5:.1f} 起 500 米，横向单位米")  # fmt: skip
        card.table("", ["管径", "材质", "设计压力 MPa", "平均埋深 m", "工法", "估价 万元"],
                   [["DN1800", rnd.choice(["球墨铸铁", "钢管", "预应力钢筒混凝土管"]), rnd.choice([0.8, 1.0, 1.2]),
                     depth, rnd.choice(["明挖", "顶管", "明挖"]), rnd.uniform(620, 1480)]])  # fmt: skip
        for words in rnd.sample(REMARKS, 3) + rnd.sample(DETAILS, 3):
            card.p(
                words.format(
                    river=rnd.choice(["南塘河", "云溪", "鹿鸣渠"]),
                    d=rnd.randint(2, 9),
                    n=rnd.uniform(0.6, 1.8),
                )
            )
        card.table("测点", ["桩号", "地面高程", "管底高程", "地下水位"],
                   [[f"K{number * 0.5 + i * 0.05:.2f}", h, h - depth, h - rnd.uniform(0.7, 2.4)] for i, h in enumerate(heights[:8])])  # fmt: skip
        stretch = (number - 1) * (len(PLACES) - 1) // count
        book.card(f"GD{number:03}　{PLACES[stretch]}至{PLACES[stretch + 1]}", card)
